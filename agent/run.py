"""One pass: every fact once, timed, each ending as exactly one of Collected, NotApplicable, Failed.

A fact sees its own needs and what earlier facts of the pass needed; it is run even where some of them are missing,
since only the fact knows which of them it can do without.
"""

from __future__ import annotations

import logging
import resource
import time
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

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
from agent.scrub import scrub_text
from agent.valid import valid, value
from cmdb.model.classes.host import Host
from cmdb.model.values import Value, text

_MOST_ROUNDS = 8
"""Needs that show in needs: a file that includes a file."""

_log = logging.getLogger(__name__)


def collect_pass(shell: Shell, context: Context, facts: Iterable[Fact]) -> list[SectionResult]:
    """Sections in the order of the facts. What two facts need is supplied once, and counts as the cost of the first."""
    return observe_pass(shell, context, facts)[0]


def observe_pass(shell: Shell, context: Context, facts: Iterable[Fact]) -> tuple[list[SectionResult], dict[str, Value]]:
    """Sections in the order of the facts, and the marks by which the host is known (`Host.marks`).

    Privilege and own processes are the shell's, whatever `context` says.
    """
    context = replace(context, privilege=shell.privilege, own_pids=shell.own_pids)
    supplied: dict[Need, Supplied] = {}
    sections: list[SectionResult] = []
    marks: dict[str, Value] = {}
    for fact in facts:
        clock = _Clock()
        already = len(supplied)
        outcome = _outcome(shell, fact, context, supplied, marks)
        size = sum(map(_size, list(supplied.values())[already:]))
        privilege = "user" if fact.LIMITED and shell.privilege != "full" else "full"
        result = SectionResult(
            fact.NAME, fact.VERSION, fact.CLASSES, fact.RELATIONS, privilege, outcome, clock.cost(size)
        )
        sections.append(result)
    return sections, marks


def needs_of(shell: Shell, facts: Iterable[Fact], context: Context) -> list[Need]:
    """Everything that the facts need on this host, further needs included, each once."""
    supplied: dict[Need, Supplied] = {}
    for fact in facts:
        _gather(shell, fact, context, supplied)
    return list(supplied)


def _gather(shell: Shell, fact: Fact, context: Context, supplied: dict[Need, Supplied]) -> Material:
    """Adds what the fact needs and is not there yet."""
    _supply(shell, fact.NEEDS, supplied)
    further = getattr(fact, "further", None)
    for _ in range(_MOST_ROUNDS):
        try:
            if further is None or not _supply(shell, further(Material(supplied), context), supplied):
                break
        except (Unavailable, Inapplicable):
            break  # collect meets the same lack and says so
    return Material(supplied)


def _supply(shell: Shell, needs: Iterable[Need], supplied: dict[Need, Supplied]) -> bool:
    """Supplies what is not there yet; false where that is nothing."""
    new = [need for need in dict.fromkeys(needs) if need not in supplied]
    if new:
        supplied.update(shell.supply(new))
    return bool(new)


def _outcome(
    shell: Shell, fact: Fact, context: Context, supplied: dict[Need, Supplied], marks: dict[str, Value]
) -> Outcome:
    """Runs one fact and adds its marks; whatever goes wrong becomes a failed section, never an empty one."""
    try:
        material = _gather(shell, fact, context, supplied)
        items, relations = valid(fact.collect(material, context))
        if hasattr(fact, "marks"):
            found = fact.marks(material, context)
            marks.update({name: value(v, Host.marks[name], name) for name, v in found.items()})
        return Collected(items, relations)
    except Inapplicable as error:
        return NotApplicable(_reason(error))
    except Unavailable as error:
        return Failed(_reason(error))
    except Exception as error:  # noqa: BLE001 - the border of a fact: one that breaks must not break the others
        reason = f"{type(error).__name__}: {_reason(error)}"
        frames = "".join(traceback.format_tb(error.__traceback__))
        _log.error("fact %s failed: %s\n%s", fact.NAME, reason, frames)
        return Failed(reason)


def _reason(error: Exception) -> str:
    """An error's message; it may quote a line that has a secret."""
    return text(scrub_text(str(error)))


class _Clock:
    """Wall and CPU time since it was made, ended children included."""

    def __init__(self) -> None:
        self._wall = time.monotonic()
        self._cpu = _cpu()

    def cost(self, size: int) -> Cost:
        return Cost(round(time.monotonic() - self._wall, 6), round(_cpu() - self._cpu, 6), size)


def _cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


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
