"""JUNIPER-VLAN-MIB and JUNIPER-L2ALD-MIB: the numbers that VLANs of Junos have on the wire.

Older EX switches count their VLANs within, in these tables and in those of Q-BRIDGE-MIB alike; jnxExVlanTag says what goes over
the wire. All of Junos writes lists of ports as text ("6,45,61") where the standard has a bit for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from collector.snmp import syntax
from collector.snmp.table import Row, column

MAKERS = ("1.3.6.1.4.1.2636",)
TAGGED = 1
MOST_VLANS = 4094


@dataclass(frozen=True, slots=True)
class Vlan(Row):
    """jnxExVlanEntry. Index: number of the VLAN within the switch."""

    oid: ClassVar[str] = "1.3.6.1.4.1.2636.3.40.1.5.1.5.1"
    makers: ClassVar[tuple[str, ...]] = MAKERS

    name: str | None = column(2, syntax.text)
    tag: int | None = column(5, syntax.number)


@dataclass(frozen=True, slots=True)
class VlanPort(Row):
    """jnxExVlanPortGroupEntry. Index: number of the VLAN within the switch, dot1dBasePort. `mode`: 1 tagged, 2 untagged."""

    oid: ClassVar[str] = "1.3.6.1.4.1.2636.3.40.1.5.1.7.1"
    makers: ClassVar[tuple[str, ...]] = MAKERS

    mode: int | None = column(4, syntax.number)


@dataclass(frozen=True, slots=True)
class BridgeVlan(Row):
    """jnxL2aldVlanEntry of devices with ELS. Index: number of the VLAN within the device; those of no tag are its own."""

    oid: ClassVar[str] = "1.3.6.1.4.1.2636.3.48.1.3.1.1"
    makers: ClassVar[tuple[str, ...]] = MAKERS

    name: str | None = column(2, syntax.text)
    tag: int | None = column(3, syntax.number)


TABLES = (Vlan, VlanPort, BridgeVlan)


def tags(found: Iterable[Vlan]) -> dict[int, int]:
    """{number within the switch: number on the wire}."""
    return {row.index[0]: row.tag for row in found if len(row.index) == 1 and row.tag and row.tag <= MOST_VLANS}


def names(found: Iterable[Vlan | BridgeVlan]) -> dict[int, str | None]:
    """{number on the wire: name}."""
    return {row.tag: row.name for row in found if row.tag is not None and 1 <= row.tag <= MOST_VLANS}


def memberships(found: Iterable[VlanPort], wire: Mapping[int, int]) -> tuple[dict[int, int], dict[int, set[int]]]:
    """({dot1dBasePort: VLAN that it sends untagged}, {dot1dBasePort: those that it sends tagged})."""
    bare: dict[int, set[int]] = {}
    tagged: dict[int, set[int]] = {}
    for row in found:
        vlan = wire.get(row.index[0])
        if len(row.index) == 2 and vlan is not None and row.mode is not None:
            (tagged if row.mode == TAGGED else bare).setdefault(row.index[1], set()).add(vlan)
    return {port: next(iter(each)) for port, each in bare.items() if len(each) == 1}, tagged
