"""The order of what is hit: hosts and what runs on them before their parts, like parts as one line."""

from __future__ import annotations

from typing import Any

from cmdb.impact_order import lines, ordered


def row(class_name: str, name: str, level: str = "outage", on: str | None = None, rule: str = "r") -> dict[str, Any]:
    return {"id": name, "class": class_name, "name": name, "level": level, "on": on, "on_name": on, "rule": rule}


def test_hosts_and_services_come_before_parts_however_bad_these_are() -> None:
    rows = [
        row("NetworkInterface", "p1", on="sw"),
        row("Endpoint", "tcp", "at_risk", on="web"),
        row("Host", "web", "at_risk"),
        row("SoftwareInstance", "nginx", on="web"),
    ]

    assert [r["name"] for r in ordered(rows)] == ["nginx", "web", "tcp", "p1"]


def test_more_than_a_few_like_parts_of_one_whole_are_one_line_and_every_row_is_counted() -> None:
    rows = [row("NetworkInterface", f"p{n:02}", on="sw") for n in range(75)]
    rows += [row("NetworkInterface", f"e{n}", on="web") for n in range(3)]
    rows += [row("NetworkInterface", "e9", on="web", level="at_risk")]
    rows += [row("Host", f"h{n}") for n in range(9)]

    found = lines(rows)

    assert [(line.row["name"], line.count) for line in found if line.count > 1] == [("p00", 75)]
    assert sum(line.count for line in found) == len(rows)
    assert sum(line.row["class"] == "Host" for line in found) == 9


def test_parts_that_are_hit_for_different_reasons_are_not_alike() -> None:
    rows = [row("NetworkInterface", f"p{n}", on="sw", rule=f"r{n % 2}") for n in range(10)]

    assert sorted(line.count for line in lines(rows)) == [5, 5]
