"""Reports for tests of what becomes of them: sections with a text of their own. Runs under Python 3.9 too."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agent.report import Report
from cmdb.model.batch import Header, Section
from cmdb.model.values import canonical, digest

HEADER = Header(
    "0" * 32,
    "agent:0123456789abcdef",
    "agent",
    1,
    1_764_000_000_000_000,
    "Host",
    {"agent_key": "k" * 32, "host_name": "a"},
)


def body(text: str) -> bytes:
    """A body that says a text."""
    return canonical({"items": [{"attributes": {"name": text}, "class": "Host"}], "relations": []}).encode()


def section(name: str, text: str, **other: Any) -> Section:
    """A section that was collected, and whose body says a text."""
    made = Section(
        name,
        1,
        ["Host"],
        [],
        "full",
        "collected",
        cost={"cpu_seconds": 0.5},
        digests=[digest(body(text))],
        bodies=[body(text)],
    )
    return replace(made, **other)


def failed(name: str, reason: str = "no such file") -> Section:
    return Section(name, 1, ["Host"], [], "full", "failed", reason, {"cpu_seconds": 0.25})


def header(number: int, **other: Any) -> Header:
    """The header of report `number`, ten minutes after the one before it."""
    own = {"id": f"{number:032x}", "sequence": number, "observed_at": HEADER.observed_at + number * 600_000_000}
    return replace(HEADER, **{**own, **other})


def report(number: int, *sections: Section, **other: Any) -> Report:
    return Report(header(number, **other), list(sections), [])
