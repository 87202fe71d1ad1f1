"""VLANs of a switch, and which of its ports are in them.

Tables: dot1qVlanCurrentTable, dot1qVlanStaticTable, dot1qPortVlanTable (Q-BRIDGE-MIB), vtpVlanTable (CISCO-VTP-MIB). Yields
VLAN items, the device's `vlans` ("10 servers"), each interface's `access_vlan` and `tagged_vlans`, and MEMBER_OF_VLAN from a
port to the VLAN of its untagged packets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agent.fact import Inapplicable
from cmdb.model.classes.network_device import NetworkDevice
from cmdb.model.classes.network_interface import NetworkInterface
from cmdb.model.classes.vlan import VLAN
from cmdb.model.declaration import CI, Relation
from collector.snmp import ports
from collector.snmp.mibs import bridge_mib, q_bridge_mib, vtp_mib
from collector.snmp.section import Device

NAME = "vlans"
VERSION = 1
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
)


def collect(device: Device) -> Iterator[CI | Relation]:
    """VLANs and their ports. Raises Inapplicable where the device tells of no VLAN, Unavailable where of too many ports."""
    reading, names = device.reading, device.ports.names
    bridge = ports.of_bridge(reading)
    known = {*(port for port, index in bridge.items() if index in names), *(names.keys() - bridge.keys())}
    found = q_bridge_mib.vlans(reading.rows(q_bridge_mib.Static), reading.rows(q_bridge_mib.Current), known)
    called = {vlan.id: vlan.name for vlan in found}
    for row in reading.rows(vtp_mib.VtpVlan):
        if (
            len(row.index) == 2
            and row.type in {None, vtp_mib.ETHERNET}
            and 1 <= row.index[1] <= q_bridge_mib.MOST_VLANS
        ):
            called[row.index[1]] = called.get(row.index[1]) or row.name
    if not called:
        raise Inapplicable("it tells of no VLAN")
    access = _access(found, reading.rows(q_bridge_mib.PortVlan))
    yield NetworkDevice(vlans=sorted(f"{id} {name}" if name else str(id) for id, name in called.items()))
    vlans = {id: VLAN(vid=id, name=f"VLAN {id}") for id in sorted({*called, *access.values()})}
    yield from vlans.values()
    untagged = {names[bridge.get(port, port)]: id for port, id in access.items() if bridge.get(port, port) in names}
    tagged: dict[str, set[int]] = {}
    for vlan in found:
        for port in vlan.tagged:
            name = names.get(bridge.get(port, port))
            if name:
                tagged.setdefault(name, set()).add(vlan.id)
    for name in names.values():
        interface = NetworkInterface(
            name=name, access_vlan=untagged.get(name), tagged_vlans=ranges(tagged.get(name, ())) or None
        )
        yield interface
        if name in untagged:
            yield Relation("MEMBER_OF_VLAN", interface.ref(), vlans[untagged[name]].ref())


def ranges(numbers: Iterable[int]) -> list[str]:
    """Numbers as they are written at a switch: 10, 20-29."""
    found: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return [str(first) if first == last else f"{first}-{last}" for first, last in found]


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
    for row in ids:
        port = row.index[0]
        if len(row.index) == 1 and row.vlan and port not in access and row.vlan in member.get(port, ()):
            access[port] = row.vlan
    return access
