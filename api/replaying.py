"""Recordings in place of what was recorded (`sweep --replay FILE`): a sweep of files, which connects to nothing.

    *.snmprec                  a walk of an SNMP agent (collector/snmp/recording.py)
    JSON with "commands"       what a device's command line answered (collector/cli/recording.py)
    JSON with "supplied"       what a host supplied for the facts of an agent (python -m agent.recording)

A folder stands for all such files in it; other JSON beside them is passed over, and said. A file that is named and is none, or
that is damaged, ends as that target, with the reason.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from agent.recording import RecordedShell
from cmdb.model.errors import UsageError
from collector.execution import Execute, Executed
from collector.outcome import FAILED, Evidence, Stopped
from collector.plan import Plan
from collector.runner import Reach
from collector.target import PORTS, SNMP, SSH, Target
from collector.work import Connection, Guard, Job, Look, Looked

if TYPE_CHECKING:
    from collector.device.surveyed import Surveyed
    from collector.ssh.hosts import Reporting, Session

MOST_BYTES = 256 * 1024 * 1024
MOST_FILES = 20_000
SIDE_BY_SIDE = 2
"""Recordings that are in memory at once."""
WALK = ".snmprec"
ENDINGS = (WALK, ".json")
SHOWN = 5
"""Files of a folder that are passed over and named."""
_MEMBERS = (b'"commands"', b'"supplied"')
_NONE = (
    "name a walk (.snmprec), commands of a device or a recording of a host (JSON; python -m agent.recording makes one)"
)


def replayed(
    files: Sequence[str],
) -> tuple[Plan, AbstractContextManager[Callable[[str, Reporting], tuple[Reach, Look]]]]:
    """The plan of recordings, and for each round that they all answer and who looks at them.

    Raises UsageError where a file is not there, or a folder has no recording.
    """
    passed: list[str] = []
    targets = tuple(
        _target(path) for path in dict.fromkeys(path for name in files for path in _files(Path(name), passed))
    )
    if len(targets) > MOST_FILES:
        raise UsageError(f"These are {len(targets)} recordings; a sweep takes {MOST_FILES}: replay them in several.")

    def begin(_: str, reporting: Reporting) -> tuple[Reach, Look]:
        return _all, _Replays(reporting)

    return Plan(targets, ignored=tuple(passed)), nullcontext(begin)


def _files(path: Path, passed: list[str]) -> list[Path]:
    try:
        if not path.is_dir():
            with path.open("rb"):
                return [path]
        every = sorted(one for one in path.iterdir() if one.suffix in ENDINGS and one.is_file())
        found = [one for one in every if one.suffix == WALK or _may_be_one(one)]
    except OSError as error:
        raise UsageError(f"{path} can not be read: {error.strerror}.") from None
    if not found:
        raise UsageError(f"{path} has no recording: {_NONE}.")
    if len(found) < len(every):
        others = [one.name for one in every if one not in set(found)]
        more = f" and {len(others) - SHOWN} more" if len(others) > SHOWN else ""
        passed.append(f"{path}: passed over as no recordings: {', '.join(others[:SHOWN])}{more}.")
    return found


def _may_be_one(path: Path) -> bool:
    """Whether a JSON file has a member that recordings have; one that is too large to be looked through may be one."""
    if path.stat().st_size > MOST_BYTES:
        return True
    content = path.read_bytes()
    return any(member in content for member in _MEMBERS)


def _target(path: Path) -> Target:
    protocol = SNMP if path.suffix == WALK else SSH
    return Target(path.stem, str(path), PORTS[protocol], origin="recording", protocol=protocol)


class _Replays:
    """Looks at recordings (collector.work.Look)."""

    def __init__(self, reporting: Reporting) -> None:
        self._reporting = reporting
        self._turns = threading.Semaphore(SIDE_BY_SIDE)

    def __call__(self, job: Job, connection: Connection | None, guard: Guard) -> Looked:
        path = Path(job.target.address)
        with self._turns:
            try:
                if path.stat().st_size > MOST_BYTES:
                    raise ValueError(f"it is larger than {MOST_BYTES // 1024**2} MiB")
                look = self._walk(path) if job.target.protocol == SNMP else self._json(path)
            except OSError as error:
                raise Stopped(FAILED, "connect", f"{path} can not be read: {error.strerror}", _NONE) from None
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                raise Stopped(FAILED, "parse", f"{path} is no recording: {_why(error)}", _NONE) from None
            return look(job, connection, guard)

    def _walk(self, path: Path) -> Look:
        from collector.snmp.device import survey
        from collector.snmp.devices import ROUTE
        from collector.snmp.recording import Recording
        from collector.snmp.walk import Failed

        recording = Recording.read(path)
        if not len(recording):
            raise ValueError("it holds no value")

        def surveyed() -> Surveyed:
            try:
                return survey(recording)
            except Failed as error:
                raise Stopped(
                    FAILED, "parse", f"{path} does not say what it was recorded of: {error}", _NONE
                ) from error

        return self._device(surveyed, ROUTE)

    def _json(self, path: Path) -> Look:
        document = json.loads(path.read_bytes())
        if isinstance(document, dict) and "commands" in document:
            from collector.cli.recording import parse

            system, answers = parse(document, str(path))
            return self._device(lambda: system.survey(answers), "cli")
        if not isinstance(document, dict) or "supplied" not in document:
            raise ValueError('it has neither "commands" nor "supplied"')
        from collector.ssh.hosts import Hosts

        shell = RecordedShell.of(document)
        return Hosts(_open, lambda *_: shell, self._reporting)

    def _device(self, survey: Callable[[], Surveyed], route: str) -> Look:
        from collector.device.looked import looked

        return lambda job, *_: looked(job, survey(), route, self._reporting, Evidence())


def _why(error: Exception) -> str:
    return str(error)[:200] if isinstance(error, ValueError) else f"{error!r:.200}"


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
