"""What is handed to whoever looks at a target, and what comes back: plain values that can be pickled, so that a queue can
carry them as well as a thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Protocol

from collector.outcome import TargetOutcome
from collector.target import Target


@dataclass(frozen=True, slots=True)
class Job:
    """One target of a sweep, by its place in the plan, from 1."""

    number: int
    target: Target


@dataclass(frozen=True, slots=True)
class Looked:
    """How a job ended. `batch` is what was seen, to be handed to the store (cmdb.model.batch), empty where nothing was."""

    number: int
    outcome: TargetOutcome
    batch: bytes = field(default=b"", repr=False)


class Guard:
    """What can break off a look from outside: it closes what the look has opened. Safe for use by several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._closers: list[Callable[[], None]] = []
        self.why = ""
        """Outcome of what was broken off, empty as long as nothing was."""

    def holds(self, close: Callable[[], None]) -> None:
        """Something is open that `close` closes, at once where the look was broken off already."""
        with self._lock:
            if not self.why:
                self._closers.append(close)
                return
        close()

    def cancel(self, why: str) -> None:
        """Break it off; the first reason stays."""
        with self._lock:
            self.why = self.why or why
            closers, self._closers = self._closers, []
        for close in reversed(closers):
            try:
                close()
            except Exception:  # noqa: BLE001, S112 - what can not be closed must not keep the others open
                continue


class Connection(Protocol):
    """What a look at reachability has left open for whoever looks further."""

    def close(self) -> None: ...


Look = Callable[[Job, Connection | None, Guard], Looked]
"""Looks at one target, over an open connection where there is one. Raises Stopped."""
