"""Q-BRIDGE-MIB (RFC 4363): VLANs, which ports are in them, and the forwarding table of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar

from agent.fact import Unavailable
from collector.snmp import syntax
from collector.snmp.mibs.bridge_mib import LEARNED, Station
from collector.snmp.table import Row, column, octets_at

MOST_VLANS = 4094
MOST_MEMBERSHIPS = 1_000_000
"""Ports of all VLANs together, each as often as it is in one."""


@dataclass(frozen=True, slots=True)
class Forwarding(Row):
    """dot1qTpFdbEntry. Index: dot1qFdbId, the MAC address."""

    oid: ClassVar[str] = "1.3.6.1.2.1.17.7.1.2.2.1"

    port: int | None = column(2, syntax.number)
    status: int | None = column(3, syntax.number)


@dataclass(frozen=True, slots=True)
class Current(Row):
    """dot1qVlanCurrentEntry. Index: time mark, VLAN. Port lists are of dot1dBasePorts."""

    oid: ClassVar[str] = "1.3.6.1.2.1.17.7.1.4.2.1"

    database: int | None = column(3, syntax.number)
    egress: bytes | None = column(4, syntax.port_list)
    untagged: bytes | None = column(5, syntax.port_list)


@dataclass(frozen=True, slots=True)
class Static(Row):
    """dot1qVlanStaticEntry. Index: VLAN."""

    oid: ClassVar[str] = "1.3.6.1.2.1.17.7.1.4.3.1"

    name: str | None = column(1, syntax.text)
    egress: bytes | None = column(2, syntax.port_list)
    untagged: bytes | None = column(4, syntax.port_list)
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


def vlans(
    static: Iterable[Static],
    current: Iterable[Current],
    ports: Iterable[int] = range(1, syntax.MOST_PORT + 1),
    *,
    written: bool = False,
) -> list[Vlan]:
    """VLANs that are configured or in force, by number, with those of their ports that are among `ports`. Raises
    agent.fact.Unavailable where they have more than MOST_MEMBERSHIPS in all. `written` where the agent gives lists of ports as
    text ("6,45,61", Junos)."""
    lists: dict[int, tuple[str | None, bytes, bytes]] = {}
    for row in static:
        if 1 <= row.index[0] <= MOST_VLANS and len(row.index) == 1 and row.row_status in {None, 1}:
            lists[row.index[0]] = (row.name, row.egress or b"", row.untagged or b"")
    for each in current:
        # Some agents (ZTE) have the time mark behind the VLAN; no VLAN is 0.
        id = each.index[0] if len(each.index) == 2 and each.index[1] == 0 else each.index[-1]
        if len(each.index) == 2 and 1 <= id <= MOST_VLANS:
            known = lists.get(id)
            if known is None or any(each.egress or b""):
                lists[id] = (known[0] if known else None, each.egress or b"", each.untagged or b"")
    among = syntax.listed(ports)
    if written:
        lists = {id: (name, _written(egress), _written(untagged)) for id, (name, egress, untagged) in lists.items()}
    found: list[Vlan] = []
    members = 0
    for id, (name, egress, untagged) in sorted(lists.items()):
        sends = frozenset(islice(syntax.ports_in(egress, among), MOST_MEMBERSHIPS + 1 - members))
        members += len(sends)
        if members > MOST_MEMBERSHIPS:
            raise Unavailable(f"its VLANs have more than {MOST_MEMBERSHIPS:,} ports in all")
        bare = sends.intersection(syntax.ports_in(untagged, among)) if any(untagged) else frozenset()
        found.append(Vlan(id, name, sends - bare, bare))
    return found


def of_untagged(ids: Iterable[PortVlan]) -> dict[int, int]:
    """{dot1dBasePort: the VLAN that it puts untagged packets in}."""
    return {
        row.index[0]: row.vlan
        for row in ids
        if len(row.index) == 1 and row.vlan is not None and 1 <= row.vlan <= MOST_VLANS
    }


def _written(octets: bytes) -> bytes:
    """The PortList of a list of ports as text."""
    parts = octets.decode("ascii", "replace").replace(" ", "").strip("\0").split(",")
    return syntax.listed(int(part) for part in parts if part.isdecimal() and len(part) < 6)


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
