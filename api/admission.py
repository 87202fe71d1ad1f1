"""How many batches are taken at a time: a server has few threads, and those who only look must not wait for all agents.

A batch that finds no place is sent away at once, before anything of it is read, with the time when there is one for it: each
that is sent away gets its own place in a row that moves on as fast as batches were taken lately, so a thousand agents that come
at once are told to come one after the other.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from cmdb.model.errors import UsageError
from cmdb.model.times import SECOND
from cmdb.ports import Clock

AT_ONCE = 4
LONGEST_SECONDS = 600
_FIRST = 0.1 * SECOND
_WEIGHT = 0.2


class Busy(UsageError):
    """Too many batches wait; `retry_after` in seconds."""

    kind = "too-many-requests"
    http_status = 429

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too many batches wait; try again in {retry_after} s.", retry_after=retry_after)


class Admission:
    """Places for batches. Safe for use by several threads."""

    def __init__(self, clock: Clock, at_once: int = AT_ONCE) -> None:
        self._clock = clock
        self._at_once = at_once
        self._lock = threading.Lock()
        self._taken = 0
        self._row = 0.0
        self._lasts = _FIRST

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place until the block ends. Raises Busy where there is none."""
        self._take()
        began = self._clock()
        try:
            yield
        finally:
            with self._lock:
                self._taken -= 1
                lasted = min(max(self._clock() - began, 0), LONGEST_SECONDS * SECOND)
                self._lasts += _WEIGHT * (lasted - self._lasts)

    def _take(self) -> None:
        now = self._clock()
        with self._lock:
            if self._taken < self._at_once:
                self._taken += 1
                return
            # A row that a clock set back left far ahead begins anew.
            begin = self._row if now < self._row <= now + LONGEST_SECONDS * SECOND else now
            self._row = min(begin + self._lasts / self._at_once, now + LONGEST_SECONDS * SECOND)
            wait = self._row - now
        raise Busy(max(1, -int(-wait // SECOND)))
