"""Looks at this host in a process apart, so that a fact that breaks it, hangs or goes over its budget is stopped, and has failed
with the reason, while the others are told.

The process is a fork without exec, so what was imported once is there each time, and it ends after the pass, so that nothing of
it accumulates. When a fact is stopped another process looks at those that are left. One that can not even be killed, since it
waits for the kernel (a mount that does not answer), is left behind: nobody waits for it, and its fact is not looked at again
until it has ended.
"""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import Callable, Optional

from agent import processes
from agent.fact import Context, Cost, Fact, Failed, Shell
from agent.looking import apart, budget, look
from agent.report import cost_json, section
from agent.run import told_by
from agent.told import Begins, Reader, Told, TooMuch
from cmdb.model.batch import Section
from cmdb.model.dataclass import dataclass

_FIRST_WATCH_SECONDS, _LONGEST_WATCH_SECONDS = 0.05, 0.5
_PATIENCE_SECONDS = 5.0
_CHUNK = 1024 * 1024


@dataclass
class Kept:
    """A section as it was told last, its bodies packed, with the marks that its fact gave."""

    told: Told

    @property
    def section(self) -> Section:
        """The section with its bodies."""
        return self.told.unpacked()


class Stopped(Exception):
    """The caller wants no more of the pass."""


@dataclass
class _Watched:
    """The fact that a process is at: since when, and what it has used of it since it was first looked at."""

    fact: Fact
    since: float
    pid: int
    before: Optional[float] = None
    cpu: float = 0.0
    peak: int = 0

    def over(self) -> str:
        """Why the fact must be stopped, empty where it need not."""
        most = budget(self.fact)
        used, resident = processes.used(self.pid)
        self.before = used if self.before is None else self.before
        self.cpu, self.peak = used - self.before, max(self.peak, resident)
        if time.monotonic() - self.since > most.wall_seconds:
            return f"over its budget of {most.wall_seconds:g} s"
        if self.cpu > most.cpu_seconds:
            return f"over its budget of {most.cpu_seconds:g} s of CPU"
        if resident > most.memory_bytes:
            return f"over its budget of {most.memory_bytes // 2**20} MiB of memory"
        return ""


@dataclass
class Isolation:
    """Looks at this host again and again. `kept` is what was told last, by name of fact."""

    shell: Callable[[], Shell]
    again: bool = True
    """False where it will look no more than once."""
    kept: dict[str, Kept] = field(default_factory=dict)
    left: dict[int, str] = field(default_factory=dict)
    """Processes that could not be ended, and the facts that they are at."""
    wake: Optional[int] = None
    """A descriptor at which a signal shows; `stop` is asked then."""
    stop: Callable[[], bool] = lambda: False
    beginning: Callable[[str], None] = lambda _name: None
    """Hears the name of each fact."""

    def look(self, context: Context, facts: Iterable[Fact]) -> list[Kept]:
        """What the facts tell, in their order; raises Stopped."""
        self._ended()
        waiting = {name: pid for pid, name in self.left.items()}
        wanted = list(facts)
        found: dict[str, Kept] = {}
        for fact in wanted:
            if fact.NAME in waiting:
                found[fact.NAME] = self._failed(
                    fact, f"{_LEFT}: process {waiting[fact.NAME]} still waits for the kernel"
                )
        todo = [fact for fact in wanted if fact.NAME not in found]
        while todo:
            told = self._one(context, todo)
            found.update(told)
            todo = [fact for fact in todo if fact.NAME not in found]
        self.kept.update(found)
        return [found[fact.NAME] for fact in wanted]

    def forget(self) -> None:
        """Begin anew: the next pass tells everything in full."""
        self.kept.clear()

    def _one(self, context: Context, facts: Sequence[Fact]) -> dict[str, Kept]:
        """Starts one process and listens to it until it has ended or had to be stopped; at least one fact is done then."""
        reading, writing = os.pipe()
        shell = self.shell()
        keys = {name: one.told.key for name, one in self.kept.items() if one.told.key}
        digests = {name: one.told.section.digests for name, one in self.kept.items() if one.told.section.digests}

        def work() -> None:
            os.close(reading)
            look(writing, shell, context, facts, keys, digests, self.again)

        try:
            pid = apart(work)
            os.close(writing)
            return self._listen(pid, reading, {fact.NAME: fact for fact in facts})
        finally:
            os.close(reading)

    def _listen(self, pid: int, reading: int, facts: Mapping[str, Fact]) -> dict[str, Kept]:
        reader, found = Reader(), dict[str, Kept]()
        at: Optional[_Watched] = None
        why = ""
        poll = select.poll()
        poll.register(reading, select.POLLIN)
        if self.wake is not None:
            poll.register(self.wake, select.POLLIN)
        wait = _FIRST_WATCH_SECONDS
        ended = False
        try:
            while not ended and not why:
                ready = [fd for fd, _ in poll.poll(wait * 1000)]
                if self.wake in ready and self.stop():
                    self._end(pid, "")
                    raise Stopped
                if reading in ready:
                    data = os.read(reading, _CHUNK)
                    ended = not data
                    for message in reader.feed(data):
                        wait = _FIRST_WATCH_SECONDS
                        if isinstance(message, Begins):
                            at = _Watched(facts[message.name], time.monotonic(), pid)
                            reader.most = budget(at.fact).bytes
                            self.beginning(message.name)
                        else:
                            name = message.section.name
                            found[name] = self._taken(facts[name], message)
                            at = None
                elif at is not None:
                    why = at.over()
                    wait = min(wait * 1.2, _LONGEST_WATCH_SECONDS)
        except TooMuch:
            why = f"over its budget of {reader.most} bytes"
        how = self._ended_by(pid) if ended else ""
        if ended and how:
            why = f"the process that looked ended {how}"
        if not (ended and how) and not self._end(pid, at.fact.NAME if at else ""):
            why += f"; {_LEFT}, since process {pid} waits for the kernel and can not be ended"
        if at is not None:
            cost = Cost(round(time.monotonic() - at.since, 6), round(at.cpu, 6), 0, at.peak)
            found[at.fact.NAME] = self._failed(at.fact, why, cost)
        # One that ends before it begins anything would end so each time.
        return found or {name: self._failed(fact, why) for name, fact in facts.items()}

    def _taken(self, fact: Fact, told: Told) -> Kept:
        """What was told, with what it stands for where it is the same as before."""
        before = self.kept.get(fact.NAME)
        if not told.same or before is None:
            return Kept(told)
        if told.same == "all":
            return Kept(replace(before.told, section=replace(before.told.section, cost=told.section.cost)))
        return Kept(replace(told, section=replace(told.section, bodies=before.told.section.bodies)))

    def _failed(self, fact: Fact, reason: str, cost: Optional[Cost] = None) -> Kept:
        made = section(told_by(fact, self.shell().privilege, Failed(reason)))
        made.cost = cost_json(cost or Cost())
        return Kept(Told(made))

    def _ended_by(self, pid: int) -> str:
        """How a process ended that has closed its end of the pipe, empty where it does not end."""
        late = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < late:
            try:
                done, status = os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                return "unseen"
            if done:
                number = os.waitstatus_to_exitcode(status)
                return f"by {signal.Signals(-number).name}" if number < 0 else f"with status {number}"
            time.sleep(0.002)
        return ""

    def _end(self, pid: int, name: str) -> bool:
        ended = processes.end(pid)
        if not ended:
            self.left[pid] = name
        return ended

    def _ended(self) -> None:
        """Those left behind that have ended meanwhile are no more."""
        for pid in [pid for pid in self.left if processes.gone(pid)]:
            del self.left[pid]


_LEFT = "not looked at again until then"
