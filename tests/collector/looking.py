"""What tests of the runner share: targets without a network, and looks of their own making."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from collector.outcome import DONE, Stopped, TargetOutcome
from collector.target import Target
from collector.work import Connection, Guard, Job, Looked


def target(number: int) -> Target:
    return Target(f"h{number}", f"10.0.{number // 250}.{number % 250 + 1}")


def jobs(count: int) -> list[Job]:
    return [Job(number, target(number)) for number in range(1, count + 1)]


def looked(job: Job, outcome: str = DONE, batch: bytes = b"") -> Looked:
    return Looked(job.number, TargetOutcome(job.target.name, job.target.address, outcome), batch)


@dataclass
class Line:
    """A connection that knows whether it was closed."""

    closed: bool = False

    def close(self) -> None:
        self.closed = True


@dataclass
class Answering:
    """All targets answer, but those whose stop is named. Remembers the connections that it gave."""

    stops: dict[str, Stopped] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    closed: bool = False

    def __call__(self, targets: Iterable[Target]) -> Iterator[tuple[Target, Connection | Stopped]]:
        try:
            for one in targets:
                stop = self.stops.get(one.name)
                if stop is None:
                    self.lines.append(Line())
                yield one, stop or self.lines[-1]
        finally:
            self.closed = True


def looking(act: Callable[[Job, Guard], Looked | None]) -> Callable[[Job, Connection | None, Guard], Looked]:
    """A look that does as `act` says, and is done where that says nothing."""

    def look(job: Job, connection: Connection | None, guard: Guard) -> Looked:
        return act(job, guard) or looked(job)

    return look
