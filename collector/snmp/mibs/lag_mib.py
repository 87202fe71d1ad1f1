"""IEEE8023-LAG-MIB (IEEE 802.3 annex 30C): which ports are members of which aggregate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from collector.snmp import syntax
from collector.snmp.table import Row, column


@dataclass(frozen=True, slots=True)
class AggregatePort(Row):
    """dot3adAggPortEntry. Index: ifIndex of the port. `selected` and `attached` are ifIndex of the aggregate, 0 of none;
    `partner` is the system at the other end of the link."""

    oid: ClassVar[str] = "1.2.840.10006.300.43.1.2.1.1"

    partner: str | None = column(10, syntax.mac)
    selected: int | None = column(12, syntax.number)
    attached: int | None = column(13, syntax.number)


def members(rows: Iterable[AggregatePort]) -> dict[int, set[int]]:
    """{aggregate: its ports}; a port is a member of what it is attached to, else of what it has selected."""
    found: dict[int, set[int]] = {}
    for row in rows:
        aggregate = row.attached or row.selected
        if aggregate and aggregate != row.index[0]:
            found.setdefault(aggregate, set()).add(row.index[0])
    return found
