"""The process that looks: runs facts, and tells each section as it is finished. With it ends whatever it held."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Callable, Optional

from agent.fact import Budget, Context, Fact, Failed, NotApplicable, Shell
from agent.remembered import Known
from agent.report import cost_json, section
from agent.run import Clock, Gathered, observe, size_of, told_by
from agent.told import Begins, Told, encode, pack
from agent.unchanged import SAME, Unchanged

_FIRST_TO_GO = b"1000"
"""Where memory runs out the kernel ends this process before any other, proc_pid_oom_score_adj(5)."""


def budget(fact: Fact) -> Budget:
    """What a fact may cost."""
    found: Budget = getattr(fact, "BUDGET", Budget())
    return found


def look(
    pipe: int,
    shell: Shell,
    context: Context,
    facts: Iterable[Fact],
    keys: Mapping[str, str],
    digests: Mapping[str, list[str]],
    again: bool = True,
) -> None:
    """Runs the facts, and writes what they tell to `pipe`. `keys` and `digests` are those of the pass before, by name; unless
    there will be one `again`, what the next one could use is not made."""
    context = replace(context, privilege=shell.privilege, own_pids=shell.own_pids)
    supplied = Gathered()
    unchanged = Unchanged(keys)
    for fact in facts:
        _write(pipe, encode(Begins(fact.NAME)))
        clock = Clock(memory=True)
        already = len(supplied)
        known = observe(shell, fact, context, supplied, unchanged if again else None)
        told = _told(fact, shell, known, unchanged.found.get(fact.NAME, ""), digests.get(fact.NAME), again)
        told.section.cost = cost_json(clock.cost(size_of(supplied, already)))
        _write(pipe, encode(told))


def _told(fact: Fact, shell: Shell, known: Known, key: str, before: Optional[list[str]], again: bool) -> Told:
    if known is SAME:
        return Told(section(told_by(fact, shell.privilege, NotApplicable(""))), {}, key, same="all")
    made = section(told_by(fact, shell.privilege, known.outcome))
    size = sum(len(body or b"") for body in made.bodies)
    most = budget(fact).bytes
    if size > most:
        return Told(
            section(told_by(fact, shell.privilege, Failed(f"over its budget of {most} bytes: it tells {size}")))
        )
    if before is not None and made.digests == before:
        return Told(replace(made, bodies=[]), known.marks, key, same="bodies")
    return Told(pack(made, 1 if again else 0), known.marks, key)


def apart(work: Callable[[], None]) -> int:
    """Runs `work` in a process of its own, which ends after it; returns its pid. It leads a session, writes nothing to standard
    output, and is no worker of whatever framework this process is part of."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        os.setsid()
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)
        os.dup2(2, 1)
        gc.disable()  # it ends soon, and what is shared with its parent should stay so
        _give_way()
        work()
        status = 0
    except BrokenPipeError:
        pass  # whoever would have listened has gone
    finally:
        os._exit(status)


def _give_way() -> None:
    try:
        with open("/proc/self/oom_score_adj", "wb", 0) as file:
            file.write(_FIRST_TO_GO)
    except OSError:
        pass


def _write(pipe: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(pipe, view) :]
