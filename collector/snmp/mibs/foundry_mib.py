"""FOUNDRY-SN-SWITCH-GROUP-MIB and FOUNDRY-SN-AGENT-MIB: VLANs and units of Brocade's and Ruckus' IronWare and FastIron.

Their Q-BRIDGE-MIB has lists of ifIndexes where the standard has a bit for each port, so this table counts before that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from collector.snmp import syntax
from collector.snmp.table import Row, column
from collector.snmp.vendor import OwnRow

MAKERS = ("1.3.6.1.4.1.1991",)
TAGGED = 1


@dataclass(frozen=True, slots=True)
class PortVlan(Row):
    """snVLanByPortMemberEntry. Index: VLAN, port (ifIndex). `mode`: 1 tagged, 2 untagged."""

    oid: ClassVar[str] = "1.3.6.1.4.1.1991.1.1.3.2.6.1"
    makers: ClassVar[tuple[str, ...]] = MAKERS

    mode: int | None = column(4, syntax.number)


@dataclass(frozen=True, slots=True)
class Vlan(Row):
    """snVLanByPortCfgEntry. Index: VLAN."""

    oid: ClassVar[str] = "1.3.6.1.4.1.1991.1.1.3.2.7.1"
    makers: ClassVar[tuple[str, ...]] = MAKERS

    number: int | None = column(1, syntax.number)
    name: str | None = column(21, syntax.text)


@dataclass(frozen=True, slots=True)
class Unit(OwnRow):
    """snChasUnitEntry: units of a stack. Index: unit."""

    oid: ClassVar[str] = "1.3.6.1.4.1.1991.1.1.1.4.1.1"
    makers: ClassVar[tuple[str, ...]] = MAKERS

    serial: str | None = column(2, syntax.text)


@dataclass(frozen=True, slots=True)
class StackUnit(Row):
    """snStackingOperUnitEntry. Index: unit. `role`: 2 active, 3 standby, 4 member."""

    oid: ClassVar[str] = "1.3.6.1.4.1.1991.1.1.3.31.2.2.1"
    makers: ClassVar[tuple[str, ...]] = MAKERS

    role: str | None = column(2, syntax.one_of({2: "active", 3: "standby", 4: "member"}))
    model: str | None = column(6, syntax.text)
    version: str | None = column(13, syntax.text)


VLANS = (Vlan, PortVlan)


def memberships(found: Iterable[PortVlan]) -> tuple[dict[int, int], dict[int, set[int]]]:
    """({ifIndex: VLAN that it sends untagged}, {ifIndex: those that it sends tagged}); a port that sends several untagged has
    no VLAN of its own."""
    bare: dict[int, set[int]] = {}
    tagged: dict[int, set[int]] = {}
    for row in found:
        if len(row.index) == 2 and row.mode is not None:
            (tagged if row.mode == TAGGED else bare).setdefault(row.index[1], set()).add(row.index[0])
    return {port: next(iter(vlans)) for port, vlans in bare.items() if len(vlans) == 1}, tagged
