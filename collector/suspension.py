"""Within one sweep: a password that was refused by several targets in a row is left alone.

An account of a directory is locked for everybody after some wrong passwords, wherever they were tried, so one wrong entry must
not be tried on a thousand hosts. Until a password has worked once, no more tries of it are on their way at a time than may
still fail; whoever comes later waits for how these end, which takes as long as one sign-in.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Run:
    refused_by: set[str] = field(default_factory=set)
    """Targets in a row, without one that took it in between."""
    on_the_way: int = 0
    proved: bool = False
    suspended: bool = False


class Suspensions:
    """The passwords of one sweep, by the name of their credential. Safe to be used by several threads at once."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._runs: dict[str, _Run] = {}

    def enter(self, credential: str, limit: int, patience_seconds: float) -> bool:
        """True where the password may be tried now; `leave` has to follow. Waits for the end of other tries, at most
        `patience_seconds`. False where it is suspended, or nothing ended in that time. `limit` 0 is for none."""
        until = time.monotonic() + patience_seconds
        with self._changed:
            run = self._runs.setdefault(credential, _Run())
            while not self._free(run, limit):
                left = until - time.monotonic()
                if run.suspended or left <= 0 or not self._changed.wait(left):
                    return False
            run.on_the_way += 1
            return True

    def leave(self, credential: str, limit: int, target: str, ok: bool | None) -> None:
        """How a try ended: True where it went through, False where it was refused, None where neither can be said."""
        with self._changed:
            run = self._runs[credential]
            run.on_the_way -= 1
            if ok:
                run.proved = True
                run.refused_by.clear()
            elif ok is False:
                run.proved = False
                run.refused_by.add(target)
                run.suspended = run.suspended or 0 < limit <= len(run.refused_by)
            self._changed.notify_all()

    def suspended(self, credential: str) -> bool:
        with self._changed:
            return credential in self._runs and self._runs[credential].suspended

    @staticmethod
    def _free(run: _Run, limit: int) -> bool:
        if run.suspended:
            return False
        return limit == 0 or run.proved or run.on_the_way + len(run.refused_by) < limit
