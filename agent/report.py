"""A pass as a batch: header with the host's marks, and a section for every fact (cmdb.model.batch)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from agent.fact import Collected, Context, Fact, NotApplicable, SectionResult, Shell
from agent.run import observe_pass
from cmdb.model.batch import Header, Section, item_json, section_body
from cmdb.model.classes.host import Host
from cmdb.model.declaration import CI
from cmdb.model.values import digest


@dataclass(frozen=True)
class Report:
    """What `encode(header, sections)` makes a batch of, and the sections as they were found."""

    header: Header
    sections: list[Section]
    results: list[SectionResult]


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
) -> Report:
    """One pass over a host by the clock of `context`; `agent_key` is the mark of an enrolled agent."""
    results, found = observe_pass(shell, context, facts)
    marks = dict(sorted(found.items()))
    if agent_key:
        marks["agent_key"] = agent_key
    header = Header(
        id=id,
        source=source,
        route=route,
        sequence=sequence,
        observed_at=context.observed_at_us,
        subject_class="Host",
        marks=marks,
        domain=domain,
        privilege=shell.privilege,
        interval_seconds=interval_seconds,
    )
    return Report(header, [section(result) for result in results], results)


def section(result: SectionResult) -> Section:
    """A section as it is sent: its body lines with their digests, its readings, or why there are none."""
    made = Section(
        result.section,
        result.version,
        list(result.classes),
        list(result.relations),
        result.privilege,
        "failed",
        cost={
            "wall_seconds": result.cost.wall_seconds,
            "cpu_seconds": result.cost.cpu_seconds,
            "bytes": result.cost.bytes,
        },
    )
    if not isinstance(result.outcome, Collected):
        made.outcome = "not_applicable" if isinstance(result.outcome, NotApplicable) else "failed"
        made.reason = result.outcome.reason
        return made
    bodies = section_body([item_json(i, isinstance(i, Host)) for i in result.outcome.items], result.outcome.relations)
    made.outcome = "collected"
    made.bodies = list(bodies)
    made.digests = [digest(body) for body in bodies]
    made.parts = len(bodies)
    made.readings = _readings(result.outcome.items)
    return made


def _readings(items: Iterable[CI]) -> dict[str, Any] | None:
    rows = [
        {"class": type(item).__name__, "key": item.local_key(), "readings": readings}
        for item in items
        if (readings := item.readings())
    ]
    return {"items": rows} if rows else None
