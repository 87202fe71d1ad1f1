"""CISCO-VTP-MIB and CISCO-VLAN-MEMBERSHIP-MIB: VLANs of devices that have no Q-BRIDGE-MIB, and which ports are in them.

A trunk carries those of its allowed VLANs that there are; any other port is in one VLAN, and may carry that of a phone tagged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import ClassVar

from collector.snmp import syntax
from collector.snmp.table import Row, column

OPERATIONAL = 1
ETHERNET = 1
TRUNKING = 1
MOST_VLANS = 4094

_CISCO = ("1.3.6.1.4.1.9",)


@dataclass(frozen=True, slots=True)
class VtpVlan(Row):
    """vtpVlanEntry. Index: management domain, VLAN. 1002 to 1005 are for token ring and FDDI, `type` is 1 of Ethernet."""

    oid: ClassVar[str] = "1.3.6.1.4.1.9.9.46.1.3.1.1"
    makers: ClassVar[tuple[str, ...]] = _CISCO

    state: int | None = column(2, syntax.number)
    type: int | None = column(3, syntax.number)
    name: str | None = column(4, syntax.text)


@dataclass(frozen=True, slots=True)
class TrunkPort(Row):
    """vlanTrunkPortEntry. Index: ifIndex. The lists have a bit for each VLAN of their thousand, the first bit for its first."""

    oid: ClassVar[str] = "1.3.6.1.4.1.9.9.46.1.6.1.1"
    makers: ClassVar[tuple[str, ...]] = _CISCO

    first: bytes | None = column(4, syntax.port_list)
    native: int | None = column(5, syntax.number)
    status: int | None = column(14, syntax.number)
    second: bytes | None = column(17, syntax.port_list)
    third: bytes | None = column(18, syntax.port_list)
    fourth: bytes | None = column(19, syntax.port_list)


@dataclass(frozen=True, slots=True)
class AccessPort(Row):
    """vmMembershipEntry. Index: ifIndex; ports that are no trunk."""

    oid: ClassVar[str] = "1.3.6.1.4.1.9.9.68.1.2.2.1"
    makers: ClassVar[tuple[str, ...]] = _CISCO

    vlan: int | None = column(2, syntax.number)


@dataclass(frozen=True, slots=True)
class VoicePort(Row):
    """vmVoiceVlanEntry. Index: ifIndex; 0, 4095 and 4096 stand for no VLAN of its own."""

    oid: ClassVar[str] = "1.3.6.1.4.1.9.9.68.1.5.1.1"
    makers: ClassVar[tuple[str, ...]] = _CISCO

    vlan: int | None = column(1, syntax.number)


TABLES = (TrunkPort, AccessPort, VoicePort)


def is_vlan(row: VtpVlan) -> bool:
    """An Ethernet VLAN with a number that there can be."""
    return len(row.index) == 2 and row.type in {None, ETHERNET} and 1 <= row.index[1] <= MOST_VLANS


def memberships(
    trunks: Iterable[TrunkPort], access: Iterable[AccessPort], voice: Iterable[VoicePort], vlans: Collection[int]
) -> tuple[dict[int, int], dict[int, set[int]]]:
    """({ifIndex: VLAN that it sends untagged}, {ifIndex: those that it sends tagged}), of the VLANs that there are."""
    untagged: dict[int, int] = {}
    tagged: dict[int, set[int]] = {}
    for row in trunks:
        if row.status != TRUNKING or len(row.index) != 1:
            continue
        allowed = {vlan for vlan in vlans if _allowed(row, vlan)}
        if row.native is not None and row.native in allowed:
            untagged[row.index[0]] = row.native
        tagged[row.index[0]] = allowed - {row.native}
    for each in access:
        index = each.index[0]
        if len(each.index) == 1 and index not in tagged and each.vlan is not None and 1 <= each.vlan <= MOST_VLANS:
            untagged[index] = each.vlan
    for phone in voice:
        if len(phone.index) == 1 and phone.vlan is not None and phone.vlan in vlans and phone.index[0] in untagged:
            tagged.setdefault(phone.index[0], set()).add(phone.vlan)
    return untagged, tagged


def _allowed(row: TrunkPort, vlan: int) -> bool:
    octets = (row.first, row.second, row.third, row.fourth)[vlan // 1024] or b""
    at = vlan % 1024
    return at // 8 < len(octets) and bool(octets[at // 8] & 0x80 >> at % 8)
