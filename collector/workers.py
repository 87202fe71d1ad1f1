"""Threads that look at targets: so many at once, none for ever.

A look has its own deadlines. Behind them stands one for the whole: a look that is over it is broken off by closing what it has
open, and where even that does not end it, its thread is left behind and another takes its place. Left threads are counted, and
where there are as many as workers no new look begins.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from collector.outcome import FAILED, INTERRUPTED, TIMED_OUT, Stopped, TargetOutcome
from collector.work import Connection, Guard, Job, Look, Looked

CLOSING_SECONDS = 5.0
"""What a look that was broken off may take to end."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Slot:
    """One look under way."""

    job: Job
    connection: Connection | None
    guard: Guard = field(default_factory=Guard)
    began: float = field(default_factory=time.monotonic)
    broken_at: float | None = None
    left: bool = False


class Workers:
    """`deliver` gets each job's end exactly once, from any thread; it may block."""

    def __init__(self, look: Look, deliver: Callable[[Looked], None], workers: int, total_seconds: float) -> None:
        self._look, self._deliver = look, deliver
        self._most, self._total = workers, total_seconds
        self._change = threading.Condition()
        self._slots: dict[int, _Slot] = {}
        self._left_behind = 0
        self._delivering = 0
        self._ending = False

    def offer(self, job: Job, connection: Connection | None) -> bool:
        """Have a job looked at, once a thread is free. False where the end has begun; the connection is closed then."""
        with self._change:
            while not self._ending and len(self._slots) + self._delivering >= self._most:
                self._change.wait()
            if not self._ending and self._left_behind < self._most:
                slot = _Slot(job, connection)
                self._slots[id(slot)] = slot
                threading.Thread(target=self._run, args=(slot,), name=f"look {job.number}", daemon=True).start()
                return True
        if connection is not None:
            connection.close()
        if self._left_behind >= self._most:
            self._deliver(_looked(job, FAILED, "total", _STUCK, 0.0))
            return True
        return False

    @property
    def busy(self) -> int:
        """Looks under way."""
        with self._change:
            return len(self._slots) + self._delivering

    def watch(self) -> None:
        """Break off what takes too long, and leave behind what does not end by that. To be called every now and then."""
        now = time.monotonic()
        with self._change:
            slots = list(self._slots.values())
        for slot in slots:
            if slot.broken_at is None and now - slot.began > self._total:
                self._break_off(slot, TIMED_OUT)
            elif slot.broken_at is not None and now - slot.broken_at > CLOSING_SECONDS:
                self._leave(slot)

    def end(self) -> None:
        """Begin no more looks."""
        with self._change:
            self._ending = True
            self._change.notify_all()

    def break_off(self) -> None:
        """Break off all looks that are under way."""
        with self._change:
            slots = list(self._slots.values())
        for slot in slots:
            if slot.broken_at is None:
                self._break_off(slot, INTERRUPTED)

    def _break_off(self, slot: _Slot, why: str) -> None:
        slot.broken_at = time.monotonic()
        # What is closed may itself hang.
        threading.Thread(target=slot.guard.cancel, args=(why,), name="breaking off", daemon=True).start()

    def _leave(self, slot: _Slot) -> None:
        with self._change:
            if self._slots.pop(id(slot), None) is None:
                return  # It has just ended.
            slot.left = True
            self._left_behind += 1
            self._delivering += 1
        _log.warning("a look at %s does not end, and is left behind", slot.job.target.name)
        seconds = time.monotonic() - slot.began
        self._hand_over(_broken(slot, seconds))

    def _run(self, slot: _Slot) -> None:
        looked = self._looked_at(slot)
        with self._change:
            if slot.left:
                self._left_behind -= 1
                self._change.notify_all()
                return
            del self._slots[id(slot)]
            self._delivering += 1
        self._hand_over(looked)

    def _hand_over(self, looked: Looked) -> None:
        try:
            self._deliver(looked)
        finally:
            with self._change:
                self._delivering -= 1
                self._change.notify_all()

    def _looked_at(self, slot: _Slot) -> Looked:
        try:
            looked = self._look(slot.job, slot.connection, slot.guard)
        except Stopped as stop:
            looked = stopped(slot.job, stop)
        except Exception as error:  # noqa: BLE001 - the border of a target: what one meets must not end the sweep
            if not slot.guard.why:
                _log.error("looking at %s failed", slot.job.target.name, exc_info=error)
            looked = _looked(slot.job, FAILED, "total", f"{type(error).__name__}: {error}", 0.0, _OURS)
        finally:
            if slot.connection is not None:
                slot.connection.close()
        seconds = time.monotonic() - slot.began
        if slot.guard.why and not looked.batch:
            return _broken(slot, seconds)
        return replace(looked, outcome=replace(looked.outcome, seconds=seconds))


_STUCK = "as many looks as there may be at once hang and can not be ended"
_OURS = "an error of Surveymark's own: the log has where"


def stopped(job: Job, stop: Stopped, seconds: float = 0.0) -> Looked:
    """The end of a job that came before anybody signed in, so long after it was asked for."""
    looked = _looked(job, stop.outcome, stop.phase, stop.reason, seconds, stop.remedy)
    return replace(looked, outcome=replace(looked.outcome, evidence=stop.evidence))


def _broken(slot: _Slot, seconds: float) -> Looked:
    why = slot.guard.why or TIMED_OUT
    if why == INTERRUPTED:
        return _looked(slot.job, INTERRUPTED, "total", "the sweep was ended while it was looked at", seconds)
    reason = f"not done in {seconds:.0f} s" + (", and it can not be ended" if slot.left else "")
    return _looked(slot.job, TIMED_OUT, "total", reason, seconds, "look at the host; --timeout gives it longer")


def _looked(job: Job, outcome: str, phase: str, reason: str, seconds: float, remedy: str = "") -> Looked:
    target = job.target
    ended = TargetOutcome(target.name, target.address, outcome, phase, reason, remedy, None, seconds)
    return Looked(job.number, replace(ended, protocol=target.protocol))
