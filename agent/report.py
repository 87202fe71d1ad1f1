"""A pass as a batch: header with the host's marks, and a section for every fact (cmdb.model.batch)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any, Optional

from agent.fact import Collected, Context, Cost, Fact, NotApplicable, SectionResult, Shell
from agent.remembered import Known, Memory
from agent.run import observe_pass
from cmdb.model.batch import Header, Section, item_json, section_body
from cmdb.model.classes.host import Host
from cmdb.model.classes.network_device import NetworkDevice
from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI
from cmdb.model.values import digest


@dataclass(frozen=True)
class Report:
    """What `encode(header, sections)` makes a batch of, and the sections as they were found, where that was in this process."""

    header: Header
    sections: list[Section]
    results: list[SectionResult] = field(default_factory=list)


def report(
    shell: Shell,
    context: Context,
    facts: Iterable[Fact],
    *,
    id: str,
    source: str,
    sequence: int,
    route: str = "agent",
    agent_key: str = "",
    domain: str = "default",
    interval_seconds: int = 3600,
    memory: Optional[Memory] = None,
) -> Report:
    """One pass over a host by the clock of `context`; `agent_key` is the mark of an enrolled agent. `memory` is shared by the
    reports of many hosts."""
    results, found = observe_pass(shell, context, facts, memory)
    header = Header(
        id=id,
        source=source,
        route=route,
        sequence=sequence,
        observed_at=context.observed_at_us,
        subject_class="Host",
        marks=marks_of(found, agent_key),
        domain=domain,
        privilege=shell.privilege,
        interval_seconds=interval_seconds,
    )
    return Report(header, [section(result) for result in results], results)


def marks_of(found: Mapping[str, Any], agent_key: str) -> dict[str, Any]:
    """The marks of a header: those that the facts found, and that of an enrolled agent."""
    marks = dict(sorted(found.items()))
    return {**marks, "agent_key": agent_key} if agent_key else marks


def section(result: SectionResult) -> Section:
    """A section as it is sent: its body lines with their digests, its readings, or why there are none."""
    made = Section(
        result.section,
        result.version,
        list(result.classes),
        list(result.relations),
        result.privilege,
        "failed",
        cost=cost_json(result.cost),
    )
    if not isinstance(result.outcome, Collected):
        made.outcome = "not_applicable" if isinstance(result.outcome, NotApplicable) else "failed"
        made.reason = result.outcome.reason
        return made
    bodies, digests, readings = _encoded(result.known, result.outcome, result.classes)
    made.outcome = "collected"
    made.bodies = list(bodies)
    made.digests = list(digests)
    made.parts = len(bodies)
    made.readings = readings
    return made


def cost_json(cost: Cost) -> dict[str, Any]:
    """A cost as it is sent."""
    found = {"wall_seconds": cost.wall_seconds, "cpu_seconds": cost.cpu_seconds, "bytes": cost.bytes}
    return {**found, "peak_memory_bytes": cost.peak_memory_bytes} if cost.peak_memory_bytes else found


def _encoded(
    known: Optional[Known], outcome: Collected, classes: Iterable[str]
) -> tuple[list[bytes], list[str], dict[str, Any] | None]:
    """Bodies, their digests, and readings; kept beside a remembered outcome."""
    if known is not None and known.encoded is not None:
        kept: tuple[list[bytes], list[str], dict[str, Any] | None] = known.encoded
        return kept
    told = [item for item in outcome.items if not _only_read(item, classes)]
    bodies = section_body([item_json(i, _is_subject(i)) for i in told], outcome.relations)
    found = (bodies, [digest(body) for body in bodies], _readings(outcome.items))
    if known is not None:
        known.encoded = found
    return found


def _is_subject(item: CI) -> bool:
    """True of what tells of the subject itself: neither its part, nor a neighbour of it."""
    return isinstance(item, Host) or (isinstance(item, NetworkDevice) and not item.seen_as)


def _only_read(item: CI, classes: Iterable[str]) -> bool:
    """True of an item of a class that another section tells all of, which brings its readings here and nothing else."""
    return type(item).__name__ not in classes and bool(item.readings())


def _readings(items: Iterable[CI]) -> dict[str, Any] | None:
    rows = [
        {"class": type(item).__name__, "key": item.local_key(), "readings": readings}
        for item in items
        if (readings := item.readings())
    ]
    return {"items": rows} if rows else None
