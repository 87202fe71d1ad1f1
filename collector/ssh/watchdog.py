"""Ends what does not end by itself: acts that are called when their time has come, unless they were called off.

One thread watches all of them; each act runs on a thread of its own, so that none can hold up another.
"""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable

_IDLE_SECONDS = 5.0


class Alarm:
    """One act that is due. `rang` is true once it was called."""

    __slots__ = ("act", "called_off", "rang")

    def __init__(self, act: Callable[[], None]) -> None:
        self.act = act
        self.rang = self.called_off = False

    def call_off(self) -> None:
        self.called_off = True


class Watchdog:
    """Alarms by their time. Its thread starts with the first one and ends when there has been none for a while."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._due: list[tuple[float, int, Alarm]] = []
        self._numbers = itertools.count()
        self._watching = False

    def alarm(self, seconds: float, act: Callable[[], None]) -> Alarm:
        """Call `act` in so many seconds."""
        alarm = Alarm(act)
        due = time.monotonic() + seconds
        with self._changed:
            sooner = not self._due or due < self._due[0][0]
            heapq.heappush(self._due, (due, next(self._numbers), alarm))
            if not self._watching:
                self._watching = True
                threading.Thread(target=self._watch, name="watchdog", daemon=True).start()
            elif sooner:
                self._changed.notify()
        return alarm

    def _watch(self) -> None:
        while True:
            with self._changed:
                while self._due and self._due[0][2].called_off:
                    heapq.heappop(self._due)
                if not self._due:
                    if not self._changed.wait(_IDLE_SECONDS) and not self._due:
                        self._watching = False
                        return
                    continue
                left = self._due[0][0] - time.monotonic()
                if left > 0:
                    self._changed.wait(left)
                    continue
                alarm = heapq.heappop(self._due)[2]
                alarm.rang = True
            threading.Thread(target=alarm.act, name="watchdog act", daemon=True).start()


WATCHDOG = Watchdog()
