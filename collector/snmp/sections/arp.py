"""Addresses that a device has resolved: ARP and IPv6's neighbour discovery.

Tables: ipNetToMediaTable, ipNetToPhysicalTable (IP-MIB). Yields the reading `resolved` of NetworkInterface alone: what a
router has talked to is no property of it, but tells which MAC stands behind an address.
"""

from __future__ import annotations

from collections.abc import Iterator

from agent.fact import Inapplicable
from cmdb.model.classes.network_interface import NetworkInterface
from cmdb.model.declaration import CI, Relation
from cmdb.model.identity import mac
from collector.snmp import ports
from collector.snmp.mibs import ip_mib
from collector.snmp.section import Device

NAME = "arp"
VERSION = 1
SUBJECTS = ("NetworkDevice", "Host")
CLASSES: tuple[str, ...] = ()
RELATIONS: tuple[str, ...] = ()
TABLES = (*ports.TABLES, ip_mib.OldNeighbour, ip_mib.Neighbour)

MOST_RESOLVED = 4096
"""That are told of one interface."""


def collect(device: Device) -> Iterator[CI | Relation]:
    """Readings of the interfaces on which an address was resolved. Raises Inapplicable where there is none."""
    old, new = device.reading.rows(ip_mib.OldNeighbour), device.reading.rows(ip_mib.Neighbour)
    if not old and not new:
        raise Inapplicable("it has resolved no address")
    found: dict[str, set[str]] = {}
    for each in ip_mib.resolved(old, new):
        name = device.ports.names.get(each.interface)
        if name and each.mac not in device.identity.own_macs and mac(each.mac):
            found.setdefault(name, set()).add(f"{each.address} {each.mac}")
    for name, pairs in sorted(found.items()):
        yield NetworkInterface(name=name, resolved=sorted(pairs)[:MOST_RESOLVED])
