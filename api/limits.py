"""How often somebody may ask: a bucket of tokens for each name, filled evenly over time."""

from __future__ import annotations

import threading

from cmdb.model.times import SECOND
from cmdb.ports import Clock

MOST = 10_000
"""Names that are kept apart; beyond, the ones that asked longest ago are forgotten."""


class Limit:
    """At most `per_minute` for each name, all of it at once if it comes so. Safe for use by several threads."""

    def __init__(self, per_minute: int, clock: Clock) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._lock = threading.Lock()
        self._left: dict[str, tuple[float, int]] = {}

    def take(self, name: str) -> int:
        """0 where `name` may go on, else the seconds after which it may."""
        now = self._clock()
        rate = self._per_minute / (60 * SECOND)
        with self._lock:
            left, seen = self._left.pop(name, (float(self._per_minute), now))
            left = min(float(self._per_minute), left + max(0, now - seen) * rate)
            allowed = left >= 1.0
            self._left[name] = (left - 1.0 if allowed else left, now)
            while len(self._left) > MOST:
                self._left.pop(next(iter(self._left)))
        return 0 if allowed else max(1, int((1.0 - left) / rate / SECOND) + 1)
