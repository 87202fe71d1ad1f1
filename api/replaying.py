"""Recordings of hosts in place of hosts: a sweep of files (`sweep --replay FILE`), which connects to nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from agent.fact import Shell
from agent.recording import RecordedShell
from cmdb.model.errors import UsageError
from collector.execution import Execute, Executed
from collector.outcome import Evidence, Stopped
from collector.plan import Plan
from collector.runner import Reach
from collector.target import Target
from collector.work import Connection, Guard, Look

if TYPE_CHECKING:
    from collector.ssh.hosts import Reporting, Session

MOST_BYTES = 256 * 1024 * 1024


def replayed(
    files: Sequence[str],
) -> tuple[Plan, AbstractContextManager[Callable[[str, Reporting], tuple[Reach, Look]]]]:
    """The plan of recordings, and for each round that they all answer and who looks at them.

    Raises UsageError where one is none.
    """
    shells = {name: _load(name) for name in dict.fromkeys(files)}
    targets = tuple(Target(Path(name).stem, name, origin="recording") for name in shells)

    def begin(_: str, reporting: Reporting) -> tuple[Reach, Look]:
        from collector.ssh.hosts import Hosts

        def shell(_: Session, target: Target) -> Shell:
            return shells[target.address]

        return _all, Hosts(_open, shell, reporting)

    return Plan(targets), nullcontext(begin)


def _load(name: str) -> RecordedShell:
    path = Path(name)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UsageError(f"{path} is larger than {MOST_BYTES} bytes: that is no recording of one host.")
        return RecordedShell.load(path)
    except OSError as error:
        raise UsageError(f"{path} can not be read: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(f"{path} is no recording (python -m agent.recording makes one): {error!r:.200}.") from None


def _all(targets: Iterable[Target]) -> Iterator[tuple[Target, Connection | Stopped]]:
    for target in targets:
        yield target, _Nothing()


def _open(target: Target, connection: Connection | None, guard: Guard) -> Session:  # noqa: ARG001 - nothing is opened
    return _Nothing()


class _Nothing:
    """In place of a connection and a session."""

    evidence = Evidence()

    @property
    def execute(self) -> Execute:
        def run(*_: object, **__: object) -> Executed:
            raise NotImplementedError("a recording runs nothing")

        return run

    def close(self) -> None:
        return
