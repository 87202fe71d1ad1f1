"""Interfaces of a device and their addresses.

Tables: ifTable, ifXTable, ifStackTable (IF-MIB), dot3adAggPortTable (IEEE8023-LAG-MIB), ipAddrTable, ipAddressTable (IP-MIB)
and ipv6AddrTable. Yields NetworkInterface, IPAddress and Subnet items, HAS_ADDRESS and IN_SUBNET.

Addresses of loopback and link scope stay in the interface's attribute: they mean something on this device only. On a host the
interfaces of containers and their networks are treated as the agent does.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping

from agent.addresses import address, is_local
from agent.facts.network import CONTAINER_NETWORK
from cmdb.model.classes.ip_address import IPAddress
from cmdb.model.classes.network_interface import NetworkInterface
from cmdb.model.classes.subnet import Subnet
from cmdb.model.declaration import CI, Relation
from cmdb.model.values import MAX_INT
from collector.snmp import ports
from collector.snmp.mibs import if_mib, ip_mib, lag_mib
from collector.snmp.ports import Ports
from collector.snmp.section import Device

NAME = "interfaces"
VERSION = 2
SUBJECTS = ("NetworkDevice", "Host")
CLASSES = ("IPAddress", "NetworkInterface", "Subnet")
RELATIONS = ("HAS_ADDRESS", "IN_SUBNET")
TABLES = (
    *ports.TABLES,
    if_mib.Stack,
    lag_mib.AggregatePort,
    ip_mib.OldAddress,
    ip_mib.Address,
    ip_mib.OldIPv6Address,
)

_KINDS = {
    "ethernetCsmacd": "physical", "gigabitEthernet": "physical", "7": "physical", "62": "physical", "69": "physical",
    "softwareLoopback": "loopback", "ieee8023adLag": "bond", "l2vlan": "vlan", "l3ipvlan": "vlan", "bridge": "bridge",
    "tunnel": "tunnel", "propVirtual": "virtual", "ieee80211": "wireless",
}  # fmt: skip
"""ifType in the words of NetworkInterface.kind; any other stays the MIB's word or number."""

_PORT_OF_CONTAINER = ("veth", "cali", "lxc", "tap", "vnet")


def collect(device: Device) -> Iterator[CI | Relation]:
    """Items and relations of every interface."""
    found, masters = _stack(device)
    held = _held(device)
    addresses: dict[str, IPAddress] = {}
    subnets: dict[str, Subnet] = {}
    relations: dict[tuple[str, str], Relation] = {}
    for index, name in device.ports.names.items():
        if device.is_host and name.startswith(_PORT_OF_CONTAINER) and not any(map(_is_global, held.get(index, ()))):
            continue
        interface = _interface(device.ports, index, held.get(index, []), found.get(index, []), masters.get(index))
        yield interface
        if device.is_host and CONTAINER_NETWORK.fullmatch(name):
            continue
        for each in filter(_is_global, held.get(index, ())):
            version = 6 if ":" in each.address else 4
            ip = addresses.setdefault(each.address, IPAddress(address=each.address, version=version))
            relations[(name, each.address)] = Relation("HAS_ADDRESS", interface.ref(), ip.ref())
            prefix = _network(each)
            if prefix:
                subnet = subnets.setdefault(prefix, Subnet(prefix=prefix, version=version))
                relations[(each.address, prefix)] = Relation("IN_SUBNET", ip.ref(), subnet.ref())
    yield from addresses.values()
    yield from subnets.values()
    yield from relations.values()


def _interface(
    known: Ports, index: int, held: list[ip_mib.Held], lower: list[str], master: str | None
) -> NetworkInterface:
    each, more = known.interfaces[index], known.more.get(index)
    name = known.names[index]
    speed = if_mib.speed_bps(each, more)
    return NetworkInterface(
        name=name,
        kind=_KINDS.get(each.kind or "", each.kind),
        mac=each.mac,
        mtu=each.mtu if each.mtu and 0 < each.mtu < 2**31 else None,
        enabled=each.admin == "up" if each.admin else None,
        link=_link(each.state),
        speed_bps=speed if speed and speed <= MAX_INT else None,
        master=master,
        lower=sorted(lower) or None,
        description=each.description if each.description != name else None,
        alias=more.alias if more else None,
        addresses=sorted({_text(h) for h in held}) or None,
        index=index,
    )


def _link(state: str | None) -> str | None:
    """up, down or unknown, as the agent has it."""
    if state is None:
        return None
    return state if state in {"up", "dormant", "testing"} else "unknown" if state == "unknown" else "down"


def _stack(device: Device) -> tuple[dict[int, list[str]], dict[int, str]]:
    """Names of those right below each interface, and of the aggregate that each belongs to."""
    names, interfaces = device.ports.names, device.ports.interfaces
    below: dict[int, set[int]] = {}
    for rows in (
        if_mib.stacked(device.reading.rows(if_mib.Stack)),
        lag_mib.members(device.reading.rows(lag_mib.AggregatePort)),
    ):
        for upper, lowers in rows.items():
            if upper in names:
                below.setdefault(upper, set()).update(lower for lower in lowers if lower in names)
    members = lag_mib.members(device.reading.rows(lag_mib.AggregatePort))
    masters: dict[int, str] = {}
    for upper, lowers in sorted(below.items()):
        if upper in members or interfaces[upper].kind == "ieee8023adLag":
            for lower in lowers:
                masters.setdefault(lower, names[upper])
    return {upper: [names[lower] for lower in lowers] for upper, lowers in below.items()}, masters


def _held(device: Device) -> Mapping[int, list[ip_mib.Held]]:
    reading = device.reading
    found: dict[int, list[ip_mib.Held]] = {}
    for each in ip_mib.held(
        reading.rows(ip_mib.OldAddress), reading.rows(ip_mib.Address), reading.rows(ip_mib.OldIPv6Address)
    ):
        found.setdefault(each.interface, []).append(each)
    return found


def _is_global(held: ip_mib.Held) -> bool:
    found = address(held.address)
    return found is not None and not is_local(found) and not found.is_multicast


def _text(held: ip_mib.Held) -> str:
    return held.address if not held.prefix_length else f"{held.address}/{held.prefix_length}"


def _network(held: ip_mib.Held) -> str | None:
    """The subnet that the address lies in; one of a single address, or of all of them, is none."""
    version = ipaddress.ip_address(held.address)
    if not held.prefix_length or held.prefix_length > version.max_prefixlen:
        return None
    return str(ipaddress.ip_network((held.address, held.prefix_length), strict=False))
