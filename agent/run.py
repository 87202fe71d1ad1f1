"""One pass: every fact once, timed, each ending as exactly one of Collected, NotApplicable, Failed.

A fact sees its own needs; it is run even where some of them are missing, since only the fact knows which of them it can do
without.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Optional

from agent.fact import (
    Collected,
    Content,
    Context,
    Cost,
    Fact,
    Failed,
    FileDigest,
    Inapplicable,
    Material,
    Need,
    NotApplicable,
    Outcome,
    Output,
    SectionResult,
    Shell,
    Supplied,
    Unavailable,
)
from agent.remembered import Known, Memory, Remembers, key_of
from agent.scrub import scrub_text
from agent.valid import valid, value
from cmdb.model.classes.host import Host
from cmdb.model.values import Value, text

_MOST_ROUNDS = 8
"""Needs that show in needs: a file that includes a file."""


class Gathered(dict[Need, Supplied]):
    """What was supplied in a pass so far, and what facts made of it together."""

    def __init__(self) -> None:
        super().__init__()
        self.derived: dict[Any, Any] = {}


def collect_pass(shell: Shell, context: Context, facts: Iterable[Fact]) -> list[SectionResult]:
    """Sections in the order of the facts. What two facts need is supplied once, and counts as the cost of the first."""
    return observe_pass(shell, context, facts)[0]


def observe_pass(
    shell: Shell, context: Context, facts: Iterable[Fact], memory: Optional[Memory] = None
) -> tuple[list[SectionResult], dict[str, Value]]:
    """Sections in the order of the facts, and the marks by which the host is known (`Host.marks`).

    Privilege and own processes are the shell's, whatever `context` says. What `memory` knows is not parsed again.
    """
    context = replace(context, privilege=shell.privilege, own_pids=shell.own_pids)
    supplied = Gathered()
    sections: list[SectionResult] = []
    marks: dict[str, Value] = {}
    for fact in facts:
        clock = Clock()
        already = len(supplied)
        lent = getattr(fact, "ROOT_ITSELF", False) and getattr(shell, "lent", False)
        seen = replace(context, privilege="user") if lent else context
        known = observe(shell, fact, seen, supplied, memory)
        marks.update(known.marks)
        cost = clock.cost(size_of(supplied, already))
        result = told_by(fact, seen.privilege, known.outcome)
        sections.append(replace(result, cost=cost, known=known if memory is not None else None))
    return sections, marks


def told_by(fact: Fact, privilege: str, outcome: Outcome) -> SectionResult:
    """A fact's section on a host that is seen with `privilege`."""
    hidden = fact.LIMITED and privilege != "full"
    return SectionResult(fact.NAME, fact.VERSION, fact.CLASSES, fact.RELATIONS, "user" if hidden else "full", outcome)


def size_of(supplied: Mapping[Need, Supplied], already: int) -> int:
    """Bytes of material beyond the needs that were there already."""
    return sum(map(_size, list(supplied.values())[already:]))


def needs_of(shell: Shell, facts: Iterable[Fact], context: Context) -> list[Need]:
    """Everything that the facts need on this host, further needs included, each once."""
    supplied = Gathered()
    for fact in facts:
        _gather(shell, fact, context, supplied)
    return list(supplied)


def _gather(shell: Shell, fact: Fact, context: Context, supplied: Gathered) -> list[Need]:
    """Adds what the fact needs and is not there yet; returns all of its needs."""
    needs = dict.fromkeys(fact.NEEDS)
    _supply(shell, needs, supplied)
    further = getattr(fact, "further", None)
    for _ in range(_MOST_ROUNDS):
        try:
            more = list(further(_material(needs, supplied), context)) if further is not None else []
        except (Unavailable, Inapplicable):
            break  # collect meets the same lack and says so
        if needs.keys() >= set(more):
            break
        needs.update(dict.fromkeys(more))
        _supply(shell, more, supplied)
    return list(needs)


def _material(needs: Iterable[Need], supplied: Gathered) -> Material:
    return Material({need: supplied[need] for need in needs}, supplied.derived)


def _supply(shell: Shell, needs: Iterable[Need], supplied: Gathered) -> None:
    """Supplies what is not there yet."""
    new = [need for need in dict.fromkeys(needs) if need not in supplied]
    if new:
        supplied.update(shell.supply(new))


def observe(shell: Shell, fact: Fact, context: Context, supplied: Gathered, memory: Optional[Remembers]) -> Known:
    """Runs one fact; whatever goes wrong becomes a failed section, never an empty one. What it needs is added to `supplied`."""
    marks: dict[str, Value] = {}
    try:
        needs = _gather(shell, fact, context, supplied)
        key = None
        if memory is not None and getattr(fact, "STEADY", False):
            key = key_of(fact, needs, supplied, context)
            known = memory.get(key)
            if known is not None:
                return known
        material = _material(needs, supplied)
        items, relations = valid(fact.collect(material, context))
        if hasattr(fact, "marks"):
            found = fact.marks(material, context)
            marks.update({name: value(v, Host.marks[name], name) for name, v in found.items()})
        known = Known(Collected(items, relations), marks)
        if memory is not None and key is not None:
            memory.put(key, known)
        return known
    except Inapplicable as error:
        return Known(NotApplicable(_reason(error)), marks)
    except Unavailable as error:
        return Known(Failed(_reason(error)), marks)
    except Exception as error:  # noqa: BLE001 - the border of a fact: one that breaks must not break the others
        import logging  # most passes need neither
        import traceback

        reason = f"{type(error).__name__}: {_reason(error)}"
        frames = "".join(traceback.format_tb(error.__traceback__))
        logging.getLogger(__name__).error("fact %s failed: %s\n%s", fact.NAME, reason, frames)
        return Known(Failed(reason), marks)


def _reason(error: Exception) -> str:
    """An error's message; it may quote a line that has a secret."""
    return text(scrub_text(str(error)))


class Clock:
    """Wall and CPU time since it was made, ended children included; with `memory` the peak of resident memory too."""

    def __init__(self, memory: bool = False) -> None:
        self._memory = memory and _forget_peak()
        self._wall = time.monotonic()
        self._cpu = _cpu()

    def cost(self, size: int) -> Cost:
        """What it cost so far, with `size` bytes of material."""
        wall, cpu = round(time.monotonic() - self._wall, 6), round(_cpu() - self._cpu, 6)
        return Cost(wall, cpu, size, _peak() if self._memory else 0)


def _cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _forget_peak() -> bool:
    """Begins the peak of resident memory anew, proc_pid_clear_refs(5); false where the kernel does not let us."""
    try:
        with open("/proc/self/clear_refs", "wb", 0) as file:
            file.write(b"5")
    except OSError:
        return False
    return True


def _peak() -> int:
    """Peak of resident memory in bytes, getrusage(2); where it was begun anew the kernel counts from there."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _size(found: Any) -> int:
    """Bytes of content in what a shell supplied."""
    if isinstance(found, Content):
        return len(found.data)
    if isinstance(found, Output):
        return len(found.stdout) + len(found.stderr)
    if isinstance(found, FileDigest):
        return found.size
    if isinstance(found, str):
        return len(found)
    return sum(map(_size, found.values())) if isinstance(found, Mapping) else 0
