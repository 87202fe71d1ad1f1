"""What a device hears of its neighbours: LLDP, CDP, and the partners of its link aggregation.

Tables: those of LLDP-MIB and LLDP-V2-MIB, cdpCacheTable (CISCO-CDP-MIB), dot3adAggPortTable (IEEE8023-LAG-MIB). Yields an
Adjacency for each neighbour on each port, and the neighbours themselves as NetworkDevice by reference: by a chassis id that
is a MAC, else by the port. A name never identifies, an empty one stays empty, and management addresses are kept as what they
are: hearsay.

A partner of LACP is a system id that two switches may share (MLAG), so no device is made of it.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator
from typing import TypeVar

from agent.fact import Inapplicable
from cmdb.model.classes.adjacency import Adjacency
from cmdb.model.classes.network_device import NetworkDevice
from cmdb.model.declaration import CI, Relation
from cmdb.model.identity import neighbour_key
from collector.snmp import ports, syntax
from collector.snmp.mibs import bridge_mib, cdp_mib, lag_mib, lldp_mib
from collector.snmp.mibs.lldp_mib import Identifier
from collector.snmp.section import Device

NAME = "neighbours"
VERSION = 1
SUBJECTS = ("NetworkDevice", "Host")
CLASSES = ("Adjacency", "NetworkDevice")
RELATIONS: tuple[str, ...] = ()
TABLES = (
    *ports.TABLES,
    *lldp_mib.GROUPS,
    *lldp_mib.TABLES,
    cdp_mib.Global,
    cdp_mib.Cache,
    lag_mib.AggregatePort,
    bridge_mib.BasePort,
)

_CDP_CAPABILITIES = (
    "router", "bridge", "bridge", "bridge", "station", "igmp", "repeater", "telephone",
)  # fmt: skip
"""Bits 0 to 7 of the capabilities of CDP: router, two kinds of bridge, switch, host, IGMP, repeater, phone."""
_WITH_SERIAL = re.compile(r"(?P<name>.+)\((?P<serial>[A-Za-z0-9]{8,})\)")
"""NX-OS and CatOS: 'sw1.example.net(SSI15450J7F)'."""
_Told = TypeVar("_Told", Adjacency, NetworkDevice)

_MAC = re.compile(r"(?:SEP|ATA|DX)?(?P<mac>[0-9A-Fa-f]{12})")
"""Phones and small switches give their MAC for a name: 'SEP001122334455', '001c7300aabb'."""


def collect(device: Device) -> Iterator[CI | Relation]:
    """Adjacencies and the devices that they tell of. Raises Inapplicable where the device speaks no such protocol."""
    reading = device.reading
    own = lldp_mib.own(reading.answers(TABLES))
    told = [*_lldp(device), *_cdp(device), *_lacp(device)]
    cdp = reading.scalars(cdp_mib.Global).device_id
    if not told and not own.chassis and not own.ports and not cdp:
        raise Inapplicable("it speaks neither LLDP nor CDP nor LACP")
    found = distinct(told)
    yield from found
    yield from referred(found)


def distinct(told: Iterable[Adjacency]) -> list[Adjacency]:
    """Each neighbour of a port and protocol once; where one is there with several of its ports, the port tells them apart."""
    groups: dict[tuple[str, ...], dict[str, Adjacency]] = {}
    for each in told:
        key = (each.protocol or "", each.local_port or "", each.neighbour or "")
        known = groups.setdefault(key, {})
        port = each.port_id or ""
        known[port] = _filled(known[port], each) if port in known else each
    found = []
    for ports_of_one in groups.values():
        for port, each in sorted(ports_of_one.items()):
            several = len(ports_of_one) > 1
            found.append(dataclasses.replace(each, neighbour=f"{each.neighbour} {port}") if several else each)
    return found


def referred(found: Iterable[Adjacency]) -> list[NetworkDevice]:
    """The devices that adjacencies tell of, each once. What CDP tells of one that LLDP tells of on the same port is not another
    device: where name, port or an address are the same."""
    known: dict[str, NetworkDevice] = {}
    on_port: dict[str, list[Adjacency]] = {}
    for each in sorted(found, key=lambda a: (a.protocol != "lldp", a.local_port or "", a.neighbour or "")):
        if each.protocol == "lacp":
            continue
        before = on_port.setdefault(each.local_port or "", [])
        if any(same(each, other) for other in before if other.protocol != each.protocol):
            continue
        before.append(each)
        address = (each.chassis or "").partition("mac ")[2]
        key = neighbour_key(address, each.local_port or "")
        if key.startswith("port ") and any(not (o.chassis or "").startswith("mac ") for o in before[:-1]):
            key += f" {each.neighbour}"
        device = NetworkDevice(
            seen_as=key,
            name=each.system_name,
            product=each.platform,
            serial=each.serial,
            description=each.system_description,
        )
        known[key] = _filled(known[key], device) if key in known else device
    return list(known.values())


def same(one: Adjacency, other: Adjacency) -> bool:
    """True where two adjacencies of one port, by two protocols, tell of one device."""
    names = [(a.system_name or "").partition(".")[0].lower() for a in (one, other)]
    if names[0] and names[0] == names[1]:
        return True
    if set(one.addresses or ()) & set(other.addresses or ()):
        return True
    return bool(one.chassis and one.chassis == other.chassis)


def _filled(first: _Told, second: _Told) -> _Told:
    """The first, with what only the second has."""
    gaps = {
        f.name: getattr(second, f.name)
        for f in dataclasses.fields(first)
        if getattr(first, f.name) is None and getattr(second, f.name) is not None
    }
    return dataclasses.replace(first, **gaps) if gaps else first


def _lldp(device: Device) -> Iterator[Adjacency]:
    answers = device.reading.answers(TABLES)
    own, bridge = lldp_mib.own(answers), ports.of_bridge(device.reading)
    for each in lldp_mib.neighbours(answers):
        index = ports.of_lldp(each.port_number, each.by_index, own, device.ports, bridge)
        local = device.ports.names[index] if index is not None and index in device.ports.names else None
        if local is None:
            id, description = own.ports.get(each.port_number, (None, None))
            local = (id.value if id else None) or description or f"port {each.port_number}"
        chassis, port = _written(each.chassis), _written(each.port)
        yield Adjacency(
            protocol="lldp",
            local_port=local,
            neighbour=chassis or each.name or port or "unknown",
            chassis=chassis,
            port_id=port,
            port_description=each.port_description,
            system_name=each.name,
            system_description=each.description,
            capabilities=sorted(set(each.capabilities)) or None,
            addresses=sorted(each.management) or None,
        )


def _cdp(device: Device) -> Iterator[Adjacency]:
    for row in device.reading.rows(cdp_mib.Cache):
        if len(row.index) != 2 or not (row.device_id or row.port):
            continue
        local = device.ports.names.get(row.interface, f"port {row.interface}")
        id = row.device_id or ""
        serial, mac = _WITH_SERIAL.fullmatch(id), _MAC.fullmatch(id)
        chassis = f"mac {bytes.fromhex(mac['mac']).hex(':')}" if mac else None
        name = row.system_name or (serial["name"] if serial else None if mac and len(id) == 12 else id) or None
        address = syntax.inet_address(row.address) if row.address and row.address_type in {1, 20} else None
        yield Adjacency(
            protocol="cdp",
            local_port=local,
            neighbour=chassis or id or f"text {row.port}",
            chassis=chassis,
            port_id=f"text {row.port}" if row.port else None,
            system_name=name,
            system_description=row.version,
            platform=row.platform,
            serial=serial["serial"].upper() if serial else None,
            capabilities=_capabilities(row.capabilities),
            addresses=[address] if address and address != "0.0.0.0" else None,  # noqa: S104 - an address that is none
        )


def _lacp(device: Device) -> Iterator[Adjacency]:
    for row in device.reading.rows(lag_mib.AggregatePort):
        local = device.ports.names.get(row.index[0])
        if local and row.partner and row.partner not in device.identity.own_macs:
            partner = f"mac {row.partner}"
            yield Adjacency(protocol="lacp", local_port=local, neighbour=partner, chassis=partner)


def _written(id: Identifier | None) -> str | None:
    return f"{id.kind} {id.value}" if id else None


def _capabilities(octets: bytes | None) -> list[str] | None:
    number = int.from_bytes(octets, "big") if octets and len(octets) <= 4 else 0
    found = {word for bit, word in enumerate(_CDP_CAPABILITIES) if number & 1 << bit}
    return sorted(found) or None
