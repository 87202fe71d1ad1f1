"""One host at several addresses is looked at once: who has the same host key (SSH) or engine (SNMP) waits for its turn, and what
the first told of its addresses says whether the second is the same host, or a clone with the same key."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from collector.outcome import SAME_HOST, TIMED_OUT, Evidence, Stopped
from collector.target import Target

MOST_KEYS = 1_000_000
"""Keys that are remembered; a sweep with more of them looks at some host twice, which costs time and nothing else."""


class SameHosts:
    """The hosts of one sweep by their host key, or engine. Safe for use by several threads."""

    def __init__(self) -> None:
        self._free = threading.Condition()
        self._busy: set[str] = set()
        self._told: dict[str, dict[tuple[str, str], str]] = {}

    @contextmanager
    def turn(self, target: Target, evidence: Evidence, seconds: float) -> Iterator[None]:
        """The turn of one target among those with its host key, or engine.

        Raises Stopped (same_host) where one that was looked at has the target's address, Stopped (timed_out) where the turn
        does not come within `seconds`.
        """
        key = _key(evidence)
        if not key:
            yield
            return
        until = time.monotonic() + seconds
        with self._free:
            while key in self._busy:
                left = until - time.monotonic()
                if left <= 0 or not self._free.wait(left):
                    raise Stopped(
                        TIMED_OUT,
                        "total",
                        f"other targets with the same {'host key' if evidence.host_key else 'engine'} took over {seconds:g} s",
                        "give hosts that were copied keys of their own (ssh-keygen -A), devices an snmpEngineID of their own",
                        evidence,
                    )
            other = self._told.get(key, {}).get((target.zone, target.address))
            if other is not None:
                raise Stopped(
                    SAME_HOST, "key_exchange", f"the host that was looked at as {other} has this address", "", evidence
                )
            self._busy.add(key)
        try:
            yield
        finally:
            with self._free:
                self._busy.discard(key)
                self._free.notify_all()

    def tells(self, target: Target, evidence: Evidence, addresses: Iterable[str]) -> None:
        """What a host that was looked at says of its own addresses."""
        key = _key(evidence)
        if key and (key in self._told or len(self._told) < MOST_KEYS):
            with self._free:
                known = self._told.setdefault(key, {})
                for address in (*addresses, target.address):
                    known.setdefault((target.zone, address), target.name)


def _key(evidence: Evidence) -> str:
    return evidence.host_key or (f"engine {evidence.engine_id}" if evidence.engine_id else "")
