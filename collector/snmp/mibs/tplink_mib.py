"""TPLINK-DOT1Q-VLAN-MIB and TPLINK-LLDPINFO-MIB: VLANs and neighbours of TP-Link's managed switches that have not the standard's.

Everything is text there: ports as "1/0/1-4,1/0/7", subtypes of ids in words, addresses as people write them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from collector.snmp import syntax
from collector.snmp.table import Row, column

MAKERS = ("1.3.6.1.4.1.11863",)
MOST_PORTS = 4096
_RANGE = re.compile(r"(?P<before>(?:\d{1,3}/)*)(?P<first>\d{1,4})(?:-(?:\d{1,3}/)*(?P<last>\d{1,4}))?")


@dataclass(frozen=True, slots=True)
class PortVlan(Row):
    """vlanPortConfigEntry. Index: ifIndex. `port` is what lists of ports call it, `vlan` that of untagged frames."""

    oid: ClassVar[str] = "1.3.6.1.4.1.11863.6.14.1.1.1.1"
    makers: ClassVar[tuple[str, ...]] = MAKERS

    port: str | None = column(1, syntax.text)
    vlan: int | None = column(2, syntax.number)


@dataclass(frozen=True, slots=True)
class Vlan(Row):
    """vlanConfigEntry. Index: VLAN."""

    oid: ClassVar[str] = "1.3.6.1.4.1.11863.6.14.1.2.1.1"
    makers: ClassVar[tuple[str, ...]] = MAKERS

    name: str | None = column(2, syntax.text)
    tagged: str | None = column(3, syntax.text)
    untagged: str | None = column(4, syntax.text)
    status: int | None = column(6, syntax.number)


@dataclass(frozen=True, slots=True)
class Neighbour(Row):
    """lldpNeighborInfoEntry. Index: ifIndex, number of the neighbour."""

    oid: ClassVar[str] = "1.3.6.1.4.1.11863.6.35.1.2.2.1"
    makers: ClassVar[tuple[str, ...]] = MAKERS

    chassis_type: str | None = column(3, syntax.text)
    chassis: str | None = column(4, syntax.text)
    port_type: str | None = column(5, syntax.text)
    port: str | None = column(6, syntax.text)
    port_description: str | None = column(8, syntax.text)
    name: str | None = column(9, syntax.text)
    description: str | None = column(10, syntax.text)
    capabilities: str | None = column(12, syntax.text)
    address: str | None = column(13, syntax.text)


_CAPABILITIES = (
    ("repeater", "repeater"), ("bridge", "bridge"), ("wlan", "wlan"), ("router", "router"), ("telephone", "telephone"),
    ("docsis", "docsis"), ("station", "station"),
)  # fmt: skip

VLANS = (PortVlan, Vlan)


def memberships(ports: Iterable[PortVlan], vlans: Iterable[Vlan]) -> tuple[dict[int, int], dict[int, set[int]]]:
    """({ifIndex: VLAN that it sends untagged}, {ifIndex: those that it sends tagged}); a port that sends several untagged has
    that of untagged frames."""
    by_name = {row.port: row.index[0] for row in ports if row.port and len(row.index) == 1}
    own = {row.index[0]: row.vlan for row in ports if len(row.index) == 1 and row.vlan}
    bare: dict[int, set[int]] = {}
    tagged: dict[int, set[int]] = {}
    for row in vlans:
        for text, found in ((row.untagged, bare), (row.tagged, tagged)):
            for index in _ports(text, by_name):
                found.setdefault(index, set()).add(row.index[0])
    untagged = {port: next(iter(each)) if len(each) == 1 else own.get(port, 0) for port, each in bare.items()}
    return {port: vlan for port, vlan in untagged.items() if vlan in bare[port]}, tagged


def capabilities(text: str | None) -> tuple[str, ...]:
    """What it says to be at work as, in the words of LLDP-MIB."""
    told = (text or "").lower()
    return tuple(word for sign, word in _CAPABILITIES if sign in told)


def _ports(text: str | None, by_name: Mapping[str, int]) -> Iterator[int]:
    """ifIndexes of a list of ports as people write them."""
    for part in (text or "").replace(" ", "").split(","):
        match = _RANGE.fullmatch(part)
        if match is None:
            continue
        first = int(match["first"])
        last = min(int(match["last"] or first), first + MOST_PORTS)
        for number in range(first, last + 1):
            index = by_name.get(f"{match['before']}{number}")
            if index is not None:
                yield index
