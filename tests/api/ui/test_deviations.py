"""Drift for people."""

from __future__ import annotations

from typing import Any

from api.ui import deviations


def _deviation(kind: str, name: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "class": "Host", "name": name, "attribute": None, "relation": None, **more}


def test_what_asks_for_attention_most_comes_first_and_all_is_counted() -> None:
    report = {"deviations": [_deviation("not_comparable", "a"), _deviation("added", "b"), _deviation("removed", "c")]}

    found = deviations.told(report, "", 0)

    assert [row.deviation["name"] for row in found.rows] == ["c", "b", "a"]
    assert found.counts == {"removed": 1, "added": 1, "not_comparable": 1}


def test_one_kind_can_be_looked_at_alone_a_page_at_a_time() -> None:
    report = {"deviations": [_deviation("added", str(n)) for n in range(deviations.ROWS + 1)]}

    first = deviations.told(report, "added", 0)

    assert first.next == deviations.ROWS
    assert len(deviations.told(report, "added", deviations.ROWS).rows) == 1
    assert deviations.told(report, "removed", 0).rows == []


def test_values_have_their_units() -> None:
    change = _deviation("changed", "h", attribute="memory_bytes", before=1 << 30, after=None)

    (row,) = deviations.told({"deviations": [change]}, "", 0).rows

    assert row.attribute == "Memory"
    assert row.before is not None
    assert row.before.members == ["1 GiB"]
    assert row.after is None
