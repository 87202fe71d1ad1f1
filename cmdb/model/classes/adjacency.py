"""Adjacency: what a host or device says of a neighbour on one of its ports."""

from __future__ import annotations

from typing import ClassVar, Optional

from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, attribute


@dataclass(frozen=True)
class Adjacency(CI):
    """One neighbour on one port, as a neighbour protocol told it: the evidence that links are made of, never a link itself.

    `chassis` and `port_id` are written as marks are: "mac 00:1c:73:00:00:01", "component text", "address 192.0.2.1" or
    "text Ethernet1" (the subtypes that tell nothing more).
    """

    parents: ClassVar[tuple[str, ...]] = ("Host", "NetworkDevice")
    key: ClassVar[tuple[str, ...]] = ("protocol", "local_port", "neighbour")
    name_from: ClassVar[str] = "neighbour"
    group: ClassVar[str] = "network"

    protocol: Optional[str] = attribute("Who told it: lldp, cdp or lacp.")
    local_port: Optional[str] = attribute("The port that it is seen on, by its interface name.")
    neighbour: Optional[str] = attribute(
        "What tells it from others on the port: its chassis id, else the name it gives, and its port where several are one's."
    )
    chassis: Optional[str] = attribute("Chassis id: 'mac ...', 'component ...', 'address ...', 'text ...'.")
    port_id: Optional[str] = attribute("The neighbour's port: 'mac ...', 'address ...', 'text ...'.")
    port_description: Optional[str] = attribute("What the neighbour says of its port.")
    system_name: Optional[str] = attribute("Name that the neighbour gives itself; it identifies nothing.")
    system_description: Optional[str] = attribute("What the neighbour says of itself.", search=False)
    platform: Optional[str] = attribute("Product that the neighbour says it is (CDP).")
    serial: Optional[str] = attribute(
        "What the neighbour tells like a serial number (CDP: 'name(serial)' of NX-OS, 'serial(name)' of CatOS)."
    )
    capabilities: Optional[list[str]] = attribute(
        "What it says it is at work as: bridge, router, wlan, telephone, station."
    )
    addresses: Optional[list[str]] = attribute("Management addresses that it tells; locators, never identity.")
