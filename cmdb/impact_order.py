"""The order in which people want to read what is hit: hosts, devices and what runs on them first, their parts after these. Pure.

A switch that goes has more ports than hosts behind it. Rows of parts, interfaces above all, come behind all others, and like
ones of one whole are one line with their number.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cmdb.model.relationship_types import LEVELS

PARTS = frozenset({"FileSystem", "Module", "NetworkInterface", "StackMember"})
"""Classes of what a whole is made of; nobody uses one but by way of it."""
_FIRST = ("Host", "NetworkDevice", "SoftwareInstance")
FEW = 3
"""Like parts of one whole that are listed each."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of an impact document; where `count` is more than 1, the first of as many like parts of one whole."""

    row: dict[str, Any]
    count: int = 1


def ordered(impacted: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """All rows: what is no part by level, worst first, hosts before devices before the rest; then the parts."""
    return sorted(impacted, key=_place)


def lines(impacted: Iterable[dict[str, Any]]) -> list[Line]:
    """The same order, with more than FEW parts of one class, level and whole as one line."""
    rows = ordered(impacted)
    alike: dict[tuple[Any, ...], int] = {}
    for row in rows:
        alike[_likeness(row)] = alike.get(_likeness(row), 0) + 1
    found: list[Line] = []
    said: set[tuple[Any, ...]] = set()
    for row in rows:
        like = _likeness(row)
        if row["class"] not in PARTS or alike[like] <= FEW:
            found.append(Line(row))
        elif like not in said:
            said.add(like)
            found.append(Line(row, alike[like]))
    return found


def _likeness(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["level"], row["class"], row["on"], row["rule"]


def _place(row: dict[str, Any]) -> tuple[Any, ...]:
    class_name = row["class"]
    rank = _FIRST.index(class_name) if class_name in _FIRST else len(_FIRST)
    whole = (row["on_name"] or "", row["on"] or "") if class_name in PARTS else ()
    return class_name in PARTS, -LEVELS.index(row["level"]), rank, class_name, *whole, row["name"], row["id"]
