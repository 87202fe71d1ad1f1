"""How fast a device is asked: so many questions a second, and fewer as soon as its answers take longer.

A device answers SNMP beside its work, and is asked one question at a time. One whose answers take several times as long as the
fastest of them is busy; the rate is halved for it until they are quick again, and more so where there is no answer at all.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

PER_SECOND = 200.0
LEAST_PER_SECOND = 2.0
"""Of a device that leaves questions without an answer,"""
SLOW_PER_SECOND = 20.0
"""and of one that is slow: less would keep the sweep there for minutes, and spare it little."""
SLOW = 4.0
"""So many times the time of the fastest answer is slow."""
FAST_ENOUGH = 0.05
"""Seconds; an answer within them is never slow. One that fills a table of an agent for the first time takes as long."""
QUICK_IN_A_ROW = 8
"""After so many quick answers the rate is doubled again."""


@dataclass
class Pace:
    """The pace of one device. `per_second` is the most."""

    per_second: float = PER_SECOND
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _rate: float = 0.0
    _next: float = 0.0
    _best: float = float("inf")
    _quick: int = 0

    def __post_init__(self) -> None:
        if self.per_second <= 0:
            raise ValueError(f"{self.per_second} questions a second are none")
        self._rate = self.per_second

    @property
    def rate(self) -> float:
        """Questions a second at present."""
        return self._rate

    def wait(self) -> None:
        """Until the next question may be asked."""
        now = self.clock()
        if self._next > now:
            self.sleep(self._next - now)
            now = max(self._next, now)
        self._next = now + 1 / self._rate

    def answered(self, seconds: float) -> bool:
        """An answer took so long; True where that is quick."""
        self._best = min(self._best, seconds)
        if seconds > FAST_ENOUGH and seconds > SLOW * self._best:
            self._slower(SLOW_PER_SECOND)
            return False
        self._quick += 1
        if self._quick >= QUICK_IN_A_ROW and self._rate < self.per_second:
            self._rate = min(self._rate * 2, self.per_second)
            self._quick = 0
        return True

    def silent(self) -> None:
        """There was no answer in time."""
        self._slower(LEAST_PER_SECOND)

    def _slower(self, least: float) -> None:
        self._rate = min(self._rate, max(self._rate / 2, min(least, self.per_second)))
        self._quick = 0
