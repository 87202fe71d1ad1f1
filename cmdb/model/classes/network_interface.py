"""NetworkInterface: a port of a host or of a network device."""

from __future__ import annotations

from typing import ClassVar, Optional

from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, attribute


@dataclass(frozen=True)
class NetworkInterface(CI):
    """A network interface of a host or device, physical or virtual; interfaces of containers are left out."""

    parents: ClassVar[tuple[str, ...]] = ("Host", "NetworkDevice")
    key: ClassVar[tuple[str, ...]] = ("name",)
    topology: ClassVar[bool] = True

    name: Optional[str] = attribute("Interface name (ifName).")
    kind: Optional[str] = attribute(
        "Kind: physical, loopback, bridge, bond, vlan, veth, tun, or as the kernel calls it."
    )
    mac: Optional[str] = attribute("MAC address in use, lower case with colons.")
    permanent_mac: Optional[str] = attribute("Permanent MAC address where it differs from the one in use.")
    mtu: Optional[int] = attribute("Largest packet.", unit="bytes")
    enabled: Optional[bool] = attribute("Administratively up.")
    link: Optional[str] = attribute("Operational state: up, down, unknown.")
    speed_bps: Optional[int] = attribute("Speed of the link.", unit="bits per second")
    master: Optional[str] = attribute("Bond or bridge that it belongs to.")
    lower: Optional[list[str]] = attribute("Interfaces that it stands on (VLAN, bond members).")
    mlag: Optional[str] = attribute(
        "Link aggregation over two devices (vPC, MLAG, clag) that it belongs to: 'system number' on both, "
        "'system peer' on the link between the two."
    )
    vlan: Optional[int] = attribute("VLAN id of a VLAN interface.")
    description: Optional[str] = attribute("Another name that the device has for it (ifDescr), where it differs.")
    alias: Optional[str] = attribute("What an administrator wrote on it (ifAlias).")
    access_vlan: Optional[int] = attribute("VLAN of untagged packets on a switch port.", security=True)
    tagged_vlans: Optional[list[str]] = attribute("VLANs that pass tagged: '10', '20-29'.", search=False)
    addresses: Optional[list[str]] = attribute("Addresses with prefix length, temporary IPv6 addresses left out.")
    routes: Optional[list[str]] = attribute("Routes over it: 'prefix via gateway metric n', main table.")
    index: Optional[int] = attribute("Interface index (ifIndex).", reading=True)
    rx_bytes: Optional[int] = attribute("Bytes received.", unit="bytes", reading=True)
    tx_bytes: Optional[int] = attribute("Bytes sent.", unit="bytes", reading=True)
    stations: Optional[list[str]] = attribute("MAC addresses learnt on it, at most 64.", reading=True)
    station_count: Optional[int] = attribute("How many were learnt on it.", unit="addresses", reading=True)
    resolved: Optional[list[str]] = attribute(
        "Addresses resolved on it (ARP, IPv6 neighbours), 'address mac', at most 4,096.", reading=True, search=False
    )
    temporary_addresses: Optional[list[str]] = attribute("Temporary IPv6 addresses (RFC 8981).", reading=True)
