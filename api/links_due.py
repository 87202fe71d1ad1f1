"""Whether links have to be derived anew: evidence came, or the last run is an hour ago; and not so often that it costs much.

A run is over the whole estate, so that one that took long waits the longer for the next: runs take a twentieth of the time at
most. What a run has loaded serves the next one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

from cmdb.cabling_memory import Memory

EVIDENCE = frozenset({"device", "forwarding", "interfaces", "neighbours", "network"})
"""Sections that tell of ports, neighbours, stations, and of devices."""
READ_ONLY = frozenset({"forwarding"})
"""Those of readings alone, which say something new without any change."""
EVERY = 3_600.0
SHARE = 20


class LinksDue:
    """What one process knows of it. Safe for use by several threads."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._came = False
        self._ended: float | None = None
        self._took = 0.0
        self._told: set[str] = set()
        self.memory = Memory()
        """What the last run had, for the next one."""

    def note(self, receipt: Mapping[str, Any]) -> None:
        """A batch was taken."""
        for line in receipt["sections"]:
            name, outcome = line["section"], line["outcome"]
            if name in EVIDENCE and (outcome == "collected" or (name in READ_ONLY and outcome == "unchanged")):
                with self._lock:
                    self._came = True
                    if receipt.get("ci"):
                        self._told.add(receipt["ci"])
                return

    @property
    def came(self) -> bool:
        """True where evidence came since the last run."""
        return self._came

    def due(self) -> bool:
        """True where a server should run now."""
        with self._lock:
            if self._ended is None:
                return True
            since = self._monotonic() - self._ended
            return since >= EVERY or (self._came and since >= SHARE * self._took)

    def run(self, derive: Callable[[Collection[str]], dict[str, Any]]) -> dict[str, Any]:
        """Do it, and count anew from then on; `derive` is given the CIs of which evidence came since. What comes meanwhile counts
        for the next run; one that failed is due again."""
        with self._lock:
            came, self._came = self._came, False
            told, self._told = self._told, set()
            began = self._monotonic()
        try:
            return derive(told)
        except BaseException:
            with self._lock:
                self._came = came or self._came
                self._told |= told
            raise
        finally:
            with self._lock:
                self._ended = self._monotonic()
                self._took = self._ended - began
