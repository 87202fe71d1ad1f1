"""VLANs of a switch, and which of its ports are in them.

Tables: dot1qVlanCurrentTable, dot1qVlanStaticTable, dot1qPortVlanTable (Q-BRIDGE-MIB), and of Cisco vtpVlanTable,
vlanTrunkPortTable (CISCO-VTP-MIB), vmMembershipTable, vmVoiceVlanTable (CISCO-VLAN-MEMBERSHIP-MIB), of Juniper
JUNIPER-VLAN-MIB and JUNIPER-L2ALD-MIB, of Brocade and Ruckus FOUNDRY-SN-SWITCH-GROUP-MIB, of TP-Link TPLINK-DOT1Q-VLAN-MIB.
Yields VLAN items, the device's `vlans` ("10 servers"), each interface's `access_vlan` and `tagged_vlans`, and MEMBER_OF_VLAN
from a port to the VLAN of its untagged packets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from agent.fact import Inapplicable
from cmdb.model.classes.network_device import NetworkDevice
from cmdb.model.classes.network_interface import NetworkInterface
from cmdb.model.classes.vlan import VLAN
from cmdb.model.declaration import CI, Relation
from collector.snmp import ports
from collector.snmp.mibs import bridge_mib, foundry_mib, juniper_vlan_mib, q_bridge_mib, tplink_mib, vtp_mib
from collector.snmp.section import Device
from collector.snmp.table import may_have

_Memberships = tuple[dict[int, int], dict[int, set[int]]]
"""({port: VLAN of its untagged packets}, {port: those that it carries tagged})"""

_Told = tuple[dict[int, str | None], dict[int, int], dict[int, set[int]]]
"""Names of the VLANs, and memberships."""

NAME = "vlans"
VERSION = 2
SUBJECTS = ("NetworkDevice",)
CLASSES = ("NetworkDevice", "NetworkInterface", "VLAN")
RELATIONS = ("MEMBER_OF_VLAN",)
TABLES = (
    *ports.TABLES,
    bridge_mib.BasePort,
    q_bridge_mib.Static,
    q_bridge_mib.Current,
    q_bridge_mib.PortVlan,
    vtp_mib.VtpVlan,
    *vtp_mib.TABLES,
    *juniper_vlan_mib.TABLES,
    *foundry_mib.VLANS,
    *tplink_mib.VLANS,
)


def collect(device: Device) -> Iterator[CI | Relation]:
    """VLANs and their ports. Raises Inapplicable where the device tells of no VLAN, Unavailable where of too many ports."""
    called, untagged, tagged = _told(device)
    if not called:
        raise Inapplicable("it tells of no VLAN")
    yield NetworkDevice(vlans=sorted(f"{id} {name}" if name else str(id) for id, name in called.items()))
    vlans = {id: VLAN(vid=id, name=f"VLAN {id}") for id in sorted({*called, *untagged.values()})}
    yield from vlans.values()
    for index, name in device.ports.names.items():
        own = untagged.get(index)
        interface = NetworkInterface(
            name=name, access_vlan=own, tagged_vlans=ranges(tagged.get(index, set()) - {own}) or None
        )
        yield interface
        if own is not None:
            yield Relation("MEMBER_OF_VLAN", interface.ref(), vlans[own].ref())


def ranges(numbers: Iterable[int]) -> list[str]:
    """Numbers as they are written at a switch: 10, 20-29."""
    found: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return [str(first) if first == last else f"{first}-{last}" for first, last in found]


def _told(device: Device) -> _Told:
    """Names of the VLANs, and by ifIndex the VLAN of a port's untagged packets and those that it carries tagged. A table of the
    maker's own tells of the ports of which those of the standard do not, or misread."""
    reading, bridge = device.reading, ports.of_bridge(device.reading)
    own = reading.rows(juniper_vlan_mib.Vlan)
    wire = juniper_vlan_mib.tags(own)
    foundry = reading.rows(foundry_mib.PortVlan)
    called, untagged, tagged = ({}, {}, {}) if wire else _standard(device, bridge, lists=not foundry)
    tplink = [row for row in reading.rows(tplink_mib.Vlan) if len(row.index) == 1]
    for names in (
        {r.index[1]: r.name for r in reading.rows(vtp_mib.VtpVlan) if vtp_mib.is_vlan(r)},
        juniper_vlan_mib.names([*own, *reading.rows(juniper_vlan_mib.BridgeVlan)]),
        {row.index[0]: row.name for row in reading.rows(foundry_mib.Vlan) if len(row.index) == 1},
        {row.index[0]: row.name for row in tplink},
    ):
        for id, name in names.items():
            if 1 <= id <= q_bridge_mib.MOST_VLANS:
                called[id] = called.get(id) or name
    for bare, carried in (
        _by_index(juniper_vlan_mib.memberships(reading.rows(juniper_vlan_mib.VlanPort), wire), bridge),
        vtp_mib.memberships(
            reading.rows(vtp_mib.TrunkPort), reading.rows(vtp_mib.AccessPort), reading.rows(vtp_mib.VoicePort), called
        ),
        foundry_mib.memberships(foundry),
        tplink_mib.memberships(reading.rows(tplink_mib.PortVlan), tplink),
    ):
        for index in {*bare, *carried} - {*untagged, *tagged}:
            if index in bare:
                untagged[index] = bare[index]
            if carried.get(index):
                tagged[index] = carried[index]
    return called, untagged, tagged


def _standard(device: Device, bridge: Mapping[int, int], *, lists: bool) -> _Told:
    """What Q-BRIDGE-MIB tells; its lists of ports only where they are what the standard says."""
    reading, names = device.reading, device.ports.names
    known = {*(port for port, index in bridge.items() if index in names), *(names.keys() - bridge.keys())}
    static, current = reading.rows(q_bridge_mib.Static), reading.rows(q_bridge_mib.Current)
    found = q_bridge_mib.vlans(
        static, current, known if lists else (), written=may_have(juniper_vlan_mib.Vlan, device.reading.object_id)
    )
    called = {vlan.id: vlan.name for vlan in found}
    # A list that names ports, but none that there is, is one that this agent writes in a way of its own.
    unread = not any(v.tagged or v.untagged for v in found)
    ids = reading.rows(q_bridge_mib.PortVlan) if lists else []
    if unread:
        access = {port: vlan for port, vlan in q_bridge_mib.of_untagged(ids).items() if port in known}
        called = {**dict.fromkeys(access.values()), **called}
    else:
        access = _access(found, ids)
    tagged: dict[int, set[int]] = {}
    for vlan in found:
        for port in vlan.tagged:
            tagged.setdefault(port, set()).add(vlan.id)
    return called, *_by_index((access, tagged), bridge)


def _by_index(found: _Memberships, bridge: Mapping[int, int]) -> _Memberships:
    """Memberships of dot1dBasePorts as those of interfaces."""
    return (
        {bridge.get(port, port): vlan for port, vlan in found[0].items()},
        {bridge.get(port, port): vlans for port, vlans in found[1].items()},
    )


def _access(found: Iterable[q_bridge_mib.Vlan], ids: Iterable[q_bridge_mib.PortVlan]) -> dict[int, int]:
    """{port: the VLAN that it sends untagged}; where it sends several so, or none, the one that it puts untagged packets in
    if it is a member of that."""
    sends: dict[int, set[int]] = {}
    member: dict[int, set[int]] = {}
    for vlan in found:
        for port in vlan.untagged:
            sends.setdefault(port, set()).add(vlan.id)
        for port in vlan.untagged | vlan.tagged:
            member.setdefault(port, set()).add(vlan.id)
    access = {port: next(iter(each)) for port, each in sends.items() if len(each) == 1}
    for port, id in q_bridge_mib.of_untagged(ids).items():
        if port not in access and id in member.get(port, ()):
            access[port] = id
    return access
