"""What an agent's sections cost, as people read it."""

from __future__ import annotations

from typing import Any

from api.ui.agent_costs import rows
from cmdb.states import Scope


def scope(section: str, outcome: str = "collected", reason: str = "", **cost: Any) -> Scope:
    return Scope(1, "agent:x", "agent", "c", section, outcome, reason, "full", 1, [], [], "", 5, 7, 1, cost)


def test_failures_come_first_then_the_dearest() -> None:
    found = rows(
        [
            scope("subject", matched_by="x"),
            scope("cheap", cpu_seconds=0.001, wall_seconds=0.01, bytes=12_345),
            scope("dear", cpu_seconds=1.5, wall_seconds=3, bytes=1, peak_memory_bytes=3 * 1024 * 1024),
            scope("broken", "failed", "no time"),
        ]
    )

    assert [row.section for row in found] == ["broken", "dear", "cheap"]
    assert (found[0].cpu, found[0].reason, found[0].memory) == ("", "no time", "")
    assert (found[1].cpu, found[1].wall, found[1].memory) == ("1.500 s", "3.000 s", "3.0 MiB")
    assert found[2].bytes == "12,345"


def test_numbers_that_make_no_sense_are_not_shown() -> None:
    (only,) = rows([scope("odd", cpu_seconds=-1, wall_seconds=1e300, bytes="<b>", peak_memory_bytes=None)])

    assert (only.cpu, only.wall, only.bytes, only.memory) == ("", "", "", "")
