"""Q-BRIDGE-MIB (RFC 4363): VLANs, which ports are in them, and the forwarding table of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from collector.snmp import syntax
from collector.snmp.mibs.bridge_mib import LEARNED, Station
from collector.snmp.table import Row, column, octets_at

MOST_VLANS = 4094


@dataclass(frozen=True, slots=True)
class Forwarding(Row):
    """dot1qTpFdbEntry. Index: dot1qFdbId, the MAC address."""

    oid: ClassVar[str] = "1.3.6.1.2.1.17.7.1.2.2.1"

    port: int | None = column(2, syntax.number)
    status: int | None = column(3, syntax.number)


@dataclass(frozen=True, slots=True)
class Current(Row):
    """dot1qVlanCurrentEntry. Index: time mark, VLAN. Port lists count dot1dBasePorts from bit 0 = port 1."""

    oid: ClassVar[str] = "1.3.6.1.2.1.17.7.1.4.2.1"

    database: int | None = column(3, syntax.number)
    egress: frozenset[int] | None = column(4, syntax.bits)
    untagged: frozenset[int] | None = column(5, syntax.bits)


@dataclass(frozen=True, slots=True)
class Static(Row):
    """dot1qVlanStaticEntry. Index: VLAN."""

    oid: ClassVar[str] = "1.3.6.1.2.1.17.7.1.4.3.1"

    name: str | None = column(1, syntax.text)
    egress: frozenset[int] | None = column(2, syntax.bits)
    untagged: frozenset[int] | None = column(4, syntax.bits)
    row_status: int | None = column(5, syntax.number)


@dataclass(frozen=True, slots=True)
class PortVlan(Row):
    """dot1qPortVlanEntry. Index: dot1dBasePort. `vlan` is that of frames that come untagged (PVID)."""

    oid: ClassVar[str] = "1.3.6.1.2.1.17.7.1.4.5.1"

    vlan: int | None = column(1, syntax.number)


@dataclass(frozen=True, slots=True)
class Vlan:
    """A VLAN of a bridge: its name, and dot1dBasePorts that send it, tagged or not."""

    id: int
    name: str | None
    tagged: frozenset[int]
    untagged: frozenset[int]


def vlans(static: Iterable[Static], current: Iterable[Current]) -> list[Vlan]:
    """VLANs that are configured or in force, by number."""
    found: dict[int, Vlan] = {}
    for row in static:
        if 1 <= row.index[0] <= MOST_VLANS and len(row.index) == 1 and row.row_status in {None, 1}:
            found[row.index[0]] = _vlan(row.index[0], row.name, row.egress, row.untagged)
    for each in current:
        id = each.index[-1]
        if len(each.index) == 2 and 1 <= id <= MOST_VLANS:
            known = found.get(id)
            ports = _vlan(id, known.name if known else None, each.egress, each.untagged)
            if known is None or ports.tagged or ports.untagged:
                found[id] = ports
    return [found[id] for id in sorted(found)]


def stations(rows: Iterable[Forwarding], current: Iterable[Current]) -> list[Station]:
    """The stations of all forwarding tables. The VLAN of a table is the one that says it uses it, else the table's own
    number where that can be a VLAN (what most bridges do, RFC 4363 leaves it open)."""
    by_database: dict[int, set[int]] = {}
    for each in current:
        if each.database is not None and len(each.index) == 2:
            by_database.setdefault(each.database, set()).add(each.index[1])
    found = []
    for row in rows:
        octets = octets_at(row.index, 1, 6)
        if octets and row.port and row.status in {None, LEARNED}:
            database = row.index[0]
            known = by_database.get(database)
            vlan = next(iter(known)) if known and len(known) == 1 else None
            if not by_database and 1 <= database <= MOST_VLANS:
                vlan = database
            found.append(Station(octets.hex(":"), row.port, vlan))
    return found


def _vlan(id: int, name: str | None, egress: frozenset[int] | None, untagged: frozenset[int] | None) -> Vlan:
    bare = frozenset(bit + 1 for bit in untagged or ())
    sends = frozenset(bit + 1 for bit in egress or ())
    return Vlan(id, name, sends - bare, sends & bare)
