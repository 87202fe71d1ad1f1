"""When a resident agent looks, and at what: everything in its first pass, then cheap facts in every pass and dear ones in every
n-th.

The time between two passes is spread at random by a tenth to both sides, and which pass dear facts fall into is drawn too, so
that machines that were started together do not stay together. Time is that since the machine started, sleep included
(CLOCK_BOOTTIME, clock_gettime(2)): whoever sets the clock moves no pass, and a machine that wakes up is looked at at once where a
pass is due.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Mapping
from typing import Callable

_SPREAD = 0.1
_CLOCK = getattr(time, "CLOCK_BOOTTIME", None)


def uptime() -> float:
    """Seconds since some moment, which only grow."""
    return time.monotonic() if _CLOCK is None else time.clock_gettime(_CLOCK)


class Schedule:
    """`every` says in which passes a fact is looked at: in each (1), in every n-th."""

    def __init__(
        self,
        every: Mapping[str, int],
        interval_seconds: float,
        clock: Callable[[], float] = uptime,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._every = every
        self._interval = interval_seconds
        self._clock = clock
        self._draw = draw
        self._number = 0
        self._at = clock()
        # One draw for all of them, so that a pass of what is rare is one of what is less rare too: they often need the same.
        drawn = int(draw() * math.lcm(*every.values()))
        self._phase = {n: drawn % n for n in set(every.values())}
        self._asked = False

    def now(self) -> float:
        """The time by which it goes."""
        return self._clock()

    def wait(self) -> float:
        """Seconds until the next pass, 0 where it is due."""
        return max(0.0, self._at - self._clock())

    def at_once(self) -> None:
        """The next pass is due now, and it is one of everything."""
        self._at = self._clock()
        self._asked = True

    def due(self) -> list[str]:
        """The facts of the pass that begins now; the next one is set."""
        everything = self._number == 0 or self._asked
        found = [n for n, each in self._every.items() if everything or self._number % each == self._phase[each]]
        self._number += 1
        self._asked = False
        self._at = self._clock() + self._interval * (1 - _SPREAD + 2 * _SPREAD * self._draw())
        return found
