"""A sweep under way: who answers is looked at, what was seen goes to the store as it comes, and each target ends exactly once.

    targets ─ reach ─ feeder ─> workers ─ bounded queue ─> keeper ─ sink (store) ─> tell

Nothing is piled up: a store that is slow holds the workers back, busy workers hold the search for live targets back. What waits
for the store is handed over together, so that several hosts share a transaction.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from collector.outcome import DONE, FAILED, PARTLY, QUARANTINED, Stopped, TargetOutcome
from collector.target import Target
from collector.work import Connection, Job, Look, Looked
from collector.workers import Workers, stopped

GROUP = 64
"""Results that are handed over together."""
GROUP_BYTES = 2 * 1024 * 1024
"""Bytes of them: more would only make others wait longer."""
WAITING = 64
"""Results that may wait for the store."""
TICK_SECONDS = 0.2

Receipt = Mapping[str, Any]
Sink = Callable[[Sequence[bytes]], Sequence[Receipt | Exception]]
"""Takes batches: each with its receipt, or why it was not taken."""
Ended = tuple[int, TargetOutcome]
"""A target by its number, and how it ended."""


Reach = Callable[[Iterable[Target]], Iterator[tuple[Target, Connection | Stopped]]]
"""Says of each target once whether it answers, in any order; closing the iterator ends it."""


@dataclass(frozen=True, slots=True)
class Pace:
    """So many at once; `total_seconds` for one target, `grace_seconds` for those under way when the sweep is ended."""

    workers: int = 32
    total_seconds: float = 180.0
    grace_seconds: float = 10.0


@dataclass(slots=True)
class Standing:
    """How a sweep stands, for who watches it."""

    total: int
    counts: dict[str, int] = field(default_factory=dict)
    busy: int = 0

    @property
    def ended(self) -> int:
        return sum(self.counts.values())


class Runner:
    """One sweep. `tell` hears of targets in groups, from a thread of the runner; where it raises, the sweep ends with that."""

    def __init__(
        self, reach: Reach, look: Look, sink: Sink, tell: Callable[[Sequence[Ended]], None], pace: Pace | None = None
    ) -> None:
        self._reach, self._sink, self._tell = reach, sink, tell
        self.heard: Callable[[Sequence[Ended]], None] = lambda _: None
        """Hears of the same targets once `tell` has."""
        self._pace = pace or Pace()
        self._results: queue.Queue[Looked | None] = queue.Queue(WAITING)
        self._workers = Workers(look, self._results.put, self._pace.workers, self._pace.total_seconds)
        self._ending = threading.Event()
        self._at_once = threading.Event()
        self._failure: BaseException | None = None
        self._lock = threading.Lock()
        self._counts: dict[str, int] = {}

    def end(self, at_once: bool = False) -> None:
        """Begin no more; what is under way has a short while, or none. May be called from a signal's handler."""
        if at_once:
            self._at_once.set()
        self._ending.set()

    def run(self, jobs: Sequence[Job], watch: Callable[[Standing], None] = lambda _: None) -> Standing:
        """Look at all of them; returns how they ended. `watch` is called in this thread a few times a second.

        Targets that were never begun have no end. Raises what `tell` or the search for live targets raised.
        """
        feeder = threading.Thread(target=self._feed, args=(jobs,), name="feeder", daemon=True)
        keeper = threading.Thread(target=self._keep, name="keeper", daemon=True)
        feeder.start()
        keeper.start()
        until = None
        while feeder.is_alive() or self._workers.busy:
            watch(self._standing(len(jobs)))
            self._workers.watch()
            feeder.join(TICK_SECONDS) if feeder.is_alive() else time.sleep(TICK_SECONDS)
            if self._ending.is_set():
                self._workers.end()
                until = until or time.monotonic() + self._pace.grace_seconds
                if self._at_once.is_set() or time.monotonic() > until:
                    self._workers.break_off()
        self._results.put(None)
        while keeper.is_alive():
            watch(self._standing(len(jobs)))
            keeper.join(TICK_SECONDS)
        standing = self._standing(len(jobs))
        watch(standing)
        if self._failure is not None:
            raise self._failure
        return standing

    def _standing(self, total: int) -> Standing:
        with self._lock:
            return Standing(total, dict(sorted(self._counts.items())), self._workers.busy)

    def _feed(self, jobs: Sequence[Job]) -> None:
        try:
            self._feed_all(jobs)
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that runs the sweep
            self._fail(error)

    def _feed_all(self, jobs: Sequence[Job]) -> None:
        asked: dict[Target, deque[tuple[Job, float]]] = defaultdict(deque)

        def targets() -> Iterator[Target]:
            for job in jobs:
                if self._ending.is_set():
                    return
                asked[job.target].append((job, time.monotonic()))
                yield job.target

        found = self._reach(targets())
        try:
            for target, end in found:
                waiting = asked[target]
                job, since = waiting.popleft()
                if not waiting:
                    del asked[target]
                if isinstance(end, Stopped):
                    self._results.put(stopped(job, end, time.monotonic() - since))
                elif self._ending.is_set() or not self._workers.offer(job, end):
                    end.close()
                if self._ending.is_set():
                    return
        finally:
            close = getattr(found, "close", None)
            if close is not None:
                close()

    def _keep(self) -> None:
        over = False
        while not over:
            group, over = self._group()
            if not group or self._failure is not None:
                continue  # Nobody may be left waiting for a place in the queue.
            try:
                ended = self._handed_over(group)
                self._tell(ended)
                self.heard(ended)
            except BaseException as error:  # noqa: BLE001 - raised again in the thread that runs the sweep
                self._fail(error)
                continue
            with self._lock:
                for _, outcome in ended:
                    self._counts[outcome.outcome] = self._counts.get(outcome.outcome, 0) + 1

    def _group(self) -> tuple[list[Looked], bool]:
        """What waits, at least one; and whether that was all of the sweep."""
        group: list[Looked] = []
        size = 0
        one = self._results.get()
        while one is not None:
            group.append(one)
            size += len(one.batch)
            if len(group) >= GROUP or size >= GROUP_BYTES:
                return group, False
            try:
                one = self._results.get_nowait()
            except queue.Empty:
                return group, False
        return group, True

    def _handed_over(self, group: Sequence[Looked]) -> list[Ended]:
        seen = [one for one in group if one.batch]
        receipts = self._sink([one.batch for one in seen]) if seen else []
        told = {one.number: receipt for one, receipt in zip(seen, receipts, strict=True)}
        return [(one.number, _received(one.outcome, told.get(one.number))) for one in group]

    def _fail(self, error: BaseException) -> None:
        with self._lock:
            self._failure = self._failure or error
        self.end(at_once=True)


def _received(outcome: TargetOutcome, receipt: Receipt | Exception | None) -> TargetOutcome:
    """The outcome once the store has answered."""
    if receipt is None:
        return outcome
    if isinstance(receipt, Exception):
        reason = f"the store did not take it: {receipt}"
        return replace(outcome, outcome=FAILED, phase="ingest", reason=reason, remedy="sweep it again")
    quarantined = receipt.get("quarantined", ())
    for row in quarantined:
        remedy = "surveymark conflict list names it, with ways to resolve it"
        found = replace(outcome, outcome=QUARANTINED, phase="ingest", reason=str(row["reason"]), remedy=remedy)
        return replace(found, conflicts=len(quarantined))
    found = replace(outcome, ci=receipt.get("ci"))
    if receipt.get("conflicts"):
        reason = "; ".join(filter(None, (outcome.reason, f"in conflict: {receipt['conflicts'][0]}")))
        remedy = outcome.remedy or "surveymark conflict list, show and resolve"
        found = replace(found, reason=reason, remedy=remedy, conflicts=len(receipt["conflicts"]))
    refused = [s["section"] for s in receipt.get("sections", ()) if s.get("outcome") == "refused"]
    if refused and outcome.outcome in (DONE, PARTLY):
        reason = "; ".join(filter(None, (found.reason, f"refused by the store: {', '.join(refused)}")))
        failed = tuple(sorted({*outcome.sections_failed, *refused}))
        return replace(found, outcome=PARTLY, phase="ingest", reason=reason, sections_failed=failed)
    return found
