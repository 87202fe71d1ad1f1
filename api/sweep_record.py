"""The record of a sweep while it is under way, in whichever estate it is kept: begun with all its targets, told of as they end,
closed with how it ended; or taken up again where it was ended too early."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from cmdb.model.errors import UsageError
from cmdb.sweeps import MAX_AT_ONCE, MAX_TARGETS, WAITING
from collector.outcome import INTERRUPTED, TargetOutcome
from collector.target_json import document, target_of
from collector.work import Job

if TYPE_CHECKING:
    from api.estate import Estate
    from collector.target import Target

TOGETHER = 200
"""Ends of targets that are written at once,"""
TOGETHER_SECONDS = 1.0
"""or as many as there are by then."""
HEARTBEAT_SECONDS = 60.0
"""Without a word for so long the record would seem to be left."""
DONE = "done"


class Record:
    """One sweep's record. `tell` is for the runner's keeper, `beat` for whoever watches; both may be called from any thread."""

    def __init__(self, estate: Estate, id: str, source: str, total: int, words: Sequence[str], zone: str) -> None:
        self.id = id
        self._estate = estate
        self._said = {"source": source, "total": total, "words": list(words), "zone": zone}
        self._lock = threading.Lock()
        self._waiting: list[dict[str, Any]] = []
        self._told_at = time.monotonic()

    @classmethod
    def begin(
        cls,
        estate: Estate,
        source: str,
        targets: Sequence[Target],
        refused: Sequence[TargetOutcome],
        words: Sequence[str],
        zone: str,
    ) -> tuple[Record, list[Job]]:
        """A new sweep, all its targets written down with those that it does not go to, and the jobs of the others.

        Raises UsageError where they are too many.
        """
        total = len(targets) + len(refused)
        if total > MAX_TARGETS:
            raise UsageError(f"These are {total} targets; a sweep takes {MAX_TARGETS}: sweep them in several.")
        record = cls(estate, secrets.token_hex(8), source, total, words, zone)
        jobs = [Job(number, target) for number, target in enumerate(targets, 1)]
        record._put("running")
        rows: list[dict[str, Any]] = [{"number": job.number, "plan": document(job.target)} for job in jobs]
        for number, outcome in enumerate(refused, len(jobs) + 1):
            plan = {"name": outcome.target, "address": outcome.address, "protocol": outcome.protocol}
            rows.append({"number": number, "plan": plan, "result": result(outcome)})
        for start in range(0, len(rows), MAX_AT_ONCE):
            estate.put_sweep_targets(record.id, rows[start : start + MAX_AT_ONCE])
        return record, jobs

    @classmethod
    def resume(cls, estate: Estate, id: str) -> tuple[Record, list[Job]]:
        """A sweep that was ended, and the jobs of its targets that have no end yet."""
        jobs = []
        found: dict[str, Any] = {}
        for page in pages(estate, id, (WAITING, INTERRUPTED), plan=True):
            found = page
            for one in page["targets"]:
                try:
                    jobs.append(Job(one["number"], target_of(one["plan"])))
                except ValueError as error:
                    raise UsageError(f"Target {one['number']} of the sweep {id}: {error}.") from None
        if found["state"] == "running":
            raise UsageError(f"The sweep {id} is under way, told of at {found['updated_at']}: end it first.")
        record = cls(estate, id, found["source"], found["total"], found["words"], found["zone"])
        record._put("running")
        return record, jobs

    def tell(self, ended: Sequence[tuple[int, TargetOutcome]]) -> None:
        """These targets ended so."""
        with self._lock:
            self._waiting += [{"number": number, "result": result(outcome)} for number, outcome in ended]
            if len(self._waiting) >= TOGETHER or time.monotonic() - self._told_at >= TOGETHER_SECONDS:
                self._write()

    def beat(self) -> None:
        """Write what waits, and a sign of life where there was none for long."""
        with self._lock:
            silent = time.monotonic() - self._told_at
            if self._waiting and silent >= TOGETHER_SECONDS:
                self._write()
            elif silent >= HEARTBEAT_SECONDS:
                self._put("running")

    def close(self, state: str) -> None:
        """It is over: "done" or "interrupted"."""
        with self._lock:
            self._write()
            self._put(state)

    def _put(self, state: str) -> None:
        self._estate.put_sweep(self.id, {**self._said, "state": state})
        self._told_at = time.monotonic()

    def _write(self) -> None:
        while self._waiting:
            self._estate.put_sweep_targets(self.id, self._waiting[:MAX_AT_ONCE])
            del self._waiting[:MAX_AT_ONCE]
        self._told_at = time.monotonic()


def result(outcome: TargetOutcome) -> dict[str, Any]:
    """The end of a target as a record takes it, within the bounds of the API."""
    found = outcome.document()
    del found["target"], found["address"], found["protocol"]
    for name in ("phase", "ssh_version", "host_key"):
        found[name] = found[name][:1000]
    for name in ("reason", "remedy"):
        found[name] = found[name][:4000]
    found["weak"], found["sections_failed"] = found["weak"][:100], found["sections_failed"][:100]
    return found


def pages(estate: Estate, id: str, outcomes: Sequence[str] = (), plan: bool = False) -> Iterator[dict[str, Any]]:
    """A sweep page by page, the first even where it has no targets."""
    cursor = None
    while True:
        page = estate.sweep(id, outcomes, cursor, MAX_AT_ONCE, plan)
        yield page
        cursor = page["next"]
        if cursor is None:
            return


def whole(estate: Estate, id: str, outcomes: Sequence[str] = ()) -> dict[str, Any]:
    """A sweep with all its targets, or those of some outcomes, as JSON has it."""
    found: dict[str, Any] = {}
    for page in pages(estate, id, outcomes):
        if found:
            found["targets"] += page["targets"]
        else:
            found = page
    return {name: value for name, value in found.items() if name != "next"}
