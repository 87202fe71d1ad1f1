"""Stations that a bridge has learnt on its ports.

Tables: dot1dTpFdbTable (BRIDGE-MIB), dot1qTpFdbTable (Q-BRIDGE-MIB). Yields readings of NetworkInterface alone, `stations` and
`station_count`: what ages out of a table is no change of anything. Left out are the device's own addresses, and those that
identify nobody (multicast, VRRP, HSRP, GLBP, CARP).

Cisco IOS keeps dot1dTpFdbTable for each VLAN, behind the community "name@10" or the context "vlan-10": where it has no
dot1qTpFdbTable each VLAN of vtpVlanTable (CISCO-VTP-MIB) is asked so. A device that does not answer to the first of them is
taken not to let itself be asked so, and only the table of the one that was asked is told.
"""

from __future__ import annotations

from collections.abc import Iterator

from agent.fact import Inapplicable
from cmdb.model.classes.network_interface import NetworkInterface
from cmdb.model.declaration import CI, Relation
from cmdb.model.identity import mac
from collector.snmp import ports
from collector.snmp.mibs import bridge_mib, q_bridge_mib, vtp_mib
from collector.snmp.section import Device
from collector.snmp.table import rows

NAME = "forwarding"
VERSION = 2
SUBJECTS = ("NetworkDevice", "Host")
CLASSES: tuple[str, ...] = ()
RELATIONS: tuple[str, ...] = ()
TABLES = (
    *ports.TABLES,
    bridge_mib.Base,
    bridge_mib.BasePort,
    bridge_mib.Forwarding,
    q_bridge_mib.Forwarding,
    vtp_mib.VtpVlan,
)

_BY_VLAN = frozenset({"ios", "iosxe"})
_IN_VLAN = (bridge_mib.BasePort, bridge_mib.Forwarding)

MOST_STATIONS = 64
"""That are told of one port; above that it leads to others, and only their number matters."""


def collect(device: Device) -> Iterator[CI | Relation]:
    """Readings of the ports on which there is a station. Raises Inapplicable where it is no bridge."""
    reading, names = device.reading, device.ports.names
    bridge = ports.of_bridge(reading)
    counted = max((row.index[0] for row in reading.rows(bridge_mib.BasePort)), default=0)
    learnt = [
        *bridge_mib.stations(reading.rows(bridge_mib.Forwarding)),
        *q_bridge_mib.stations(reading.rows(q_bridge_mib.Forwarding), ()),
    ]
    by_vlan = list(_of_vlans(device))
    if not counted and not learnt and not by_vlan:
        raise Inapplicable("it has no ports of a bridge and no forwarding table")
    own = {*device.identity.own_macs, reading.scalars(bridge_mib.Base).address}
    found: dict[str, set[str]] = {}
    for station in learnt:
        # Agents without dot1dBasePortTable have ifIndex in the place of the bridge's port, some with it for aggregates. A
        # number among those of the table that it gives no interface is none that could be guessed (Junos).
        name = names.get(bridge.get(station.port, station.port if station.port > counted else 0))
        if name and station.mac not in own and mac(station.mac):
            found.setdefault(name, set()).add(station.mac)
    for index, address in by_vlan:
        name = names.get(index)
        if name and address not in own and mac(address):
            found.setdefault(name, set()).add(address)
    for name, macs in sorted(found.items()):
        yield NetworkInterface(name=name, stations=sorted(macs)[:MOST_STATIONS], station_count=len(macs))


def _of_vlans(device: Device) -> Iterator[tuple[int, str]]:
    """(ifIndex, MAC) of the tables that a device keeps for each VLAN."""
    reading = device.reading
    if device.identity.os not in _BY_VLAN or reading.rows(q_bridge_mib.Forwarding):
        return
    vlans = [
        row.index[1]
        for row in reading.rows(vtp_mib.VtpVlan)
        if vtp_mib.is_vlan(row) and row.state in {None, vtp_mib.OPERATIONAL}
    ]
    for answers in reading.in_vlans(sorted(set(vlans)), _IN_VLAN):
        interfaces = bridge_mib.interfaces(rows(bridge_mib.BasePort, answers))
        for station in bridge_mib.stations(rows(bridge_mib.Forwarding, answers)):
            if station.port in interfaces:
                yield interfaces[station.port], station.mac
