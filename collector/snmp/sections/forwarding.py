"""Stations that a bridge has learnt on its ports.

Tables: dot1dTpFdbTable (BRIDGE-MIB), dot1qTpFdbTable (Q-BRIDGE-MIB). Yields readings of NetworkInterface alone, `stations` and
`station_count`: what ages out of a table is no change of anything. Left out are the device's own addresses, and those that
identify nobody (multicast, VRRP, HSRP, GLBP, CARP).

Switches that keep a table for each VLAN behind a community or context of its own (Cisco IOS) tell here only that of the one
that was asked.
"""

from __future__ import annotations

from collections.abc import Iterator

from agent.fact import Inapplicable
from cmdb.model.classes.network_interface import NetworkInterface
from cmdb.model.declaration import CI, Relation
from cmdb.model.identity import mac
from collector.snmp import ports
from collector.snmp.mibs import bridge_mib, q_bridge_mib
from collector.snmp.section import Device

NAME = "forwarding"
VERSION = 1
SUBJECTS = ("NetworkDevice", "Host")
CLASSES: tuple[str, ...] = ()
RELATIONS: tuple[str, ...] = ()
TABLES = (*ports.TABLES, bridge_mib.Base, bridge_mib.BasePort, bridge_mib.Forwarding, q_bridge_mib.Forwarding)

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
    if not counted and not learnt:
        raise Inapplicable("it has no ports of a bridge and no forwarding table")
    own = {*device.identity.own_macs, reading.scalars(bridge_mib.Base).address}
    found: dict[str, set[str]] = {}
    for station in learnt:
        # Agents without dot1dBasePortTable have ifIndex in the place of the bridge's port, some with it for aggregates. A
        # number among those of the table that it gives no interface is none that could be guessed (Junos).
        name = names.get(bridge.get(station.port, station.port if station.port > counted else 0))
        if name and station.mac not in own and mac(station.mac):
            found.setdefault(name, set()).add(station.mac)
    for name, macs in sorted(found.items()):
        yield NetworkInterface(name=name, stations=sorted(macs)[:MOST_STATIONS], station_count=len(macs))
