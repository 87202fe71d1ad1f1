"""What a device hears of its neighbours: LLDP, CDP, and the partners of its link aggregation.

Tables: those of LLDP-MIB and LLDP-V2-MIB, cdpCacheTable (CISCO-CDP-MIB), dot3adAggPortTable (IEEE8023-LAG-MIB), and of TP-Link
lldpNeighborInfoTable (TPLINK-LLDPINFO-MIB), which some of its switches have in the place of LLDP-MIB's. Yields an
Adjacency for each neighbour on each port, and the neighbours themselves as NetworkDevice by reference: by a chassis id that
is a MAC, else by the port. A name never identifies, an empty one stays empty, and management addresses are kept as what they
are: hearsay.

A partner of LACP is a system id that two switches may share (MLAG), so no device is made of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.adjacencies import CLASSES as _CLASSES
from agent.adjacencies import Heard, cdp_device_id, cdp_perhaps_serial, id_of, observe
from agent.fact import Inapplicable
from cmdb.model.declaration import CI, Relation
from collector.snmp import ports, syntax
from collector.snmp.mibs import bridge_mib, cdp_mib, lag_mib, lldp_mib, tplink_mib
from collector.snmp.mibs.lldp_mib import Identifier
from collector.snmp.section import Device

NAME = "neighbours"
VERSION = 3
SUBJECTS = ("NetworkDevice", "Host")
CLASSES = _CLASSES
RELATIONS: tuple[str, ...] = ()
TABLES = (
    *ports.TABLES,
    *lldp_mib.GROUPS,
    *lldp_mib.TABLES,
    cdp_mib.Global,
    cdp_mib.Cache,
    lag_mib.AggregatePort,
    bridge_mib.BasePort,
    tplink_mib.Neighbour,
)

_CDP_CAPABILITIES = (
    "router", "bridge", "bridge", "bridge", "station", "igmp", "repeater", "telephone",
)  # fmt: skip
"""Bits 0 to 7 of the capabilities of CDP: router, two kinds of bridge, switch, host, IGMP, repeater, phone."""
_MAC = re.compile(r"(?:SEP|ATA|DX)?(?P<mac>[0-9A-Fa-f]{12})")
"""Phones and small switches give their MAC for a name: 'SEP001122334455', '001c7300aabb'."""


def collect(device: Device) -> Iterator[CI | Relation]:
    """Adjacencies and the devices that they tell of. Raises Inapplicable where the device speaks no such protocol."""
    reading = device.reading
    own = lldp_mib.own(reading.answers(TABLES))
    heard = [*_lldp(device), *_tplink(device), *_cdp(device), *_lacp(device)]
    cdp = reading.scalars(cdp_mib.Global).device_id
    if not heard and not own.chassis and not own.ports and not cdp:
        raise Inapplicable("it speaks neither LLDP nor CDP nor LACP")
    yield from observe(heard)


def _lldp(device: Device) -> Iterator[Heard]:
    answers = device.reading.answers(TABLES)
    own, bridge = lldp_mib.own(answers), ports.of_bridge(device.reading)
    for each in lldp_mib.neighbours(answers):
        index = ports.of_lldp(each.port_number, each.by_index, own, device.ports, bridge)
        local = device.ports.names.get(index) if index is not None else None
        if local is None:
            id, description = own.ports.get(each.port_number, (None, None))
            local = (id.value if id else None) or description or f"port {each.port_number}"
        yield Heard(
            "lldp",
            local,
            chassis=_written(each.chassis),
            port_id=_written(each.port),
            port_description=each.port_description or "",
            system_name=each.name or "",
            system_description=each.description or "",
            capabilities=each.capabilities,
            addresses=each.management,
        )


def _tplink(device: Device) -> Iterator[Heard]:
    if device.reading.rows(lldp_mib.Remote):
        return
    for row in device.reading.rows(tplink_mib.Neighbour):
        if len(row.index) != 2 or not (row.chassis or row.port or row.name):
            continue
        address = syntax.address(row.address)
        yield Heard(
            "lldp",
            device.ports.names.get(row.index[0], f"port {row.index[0]}"),
            chassis=id_of(row.chassis_type or "", row.chassis or ""),
            port_id=id_of(row.port_type or "", row.port or ""),
            port_description=row.port_description or "",
            system_name=row.name or "",
            system_description=row.description or "",
            capabilities=tplink_mib.capabilities(row.capabilities),
            addresses=(address,) if address and address not in {"::", "0.0.0.0"} else (),  # noqa: S104 - none
        )


def _cdp(device: Device) -> Iterator[Heard]:
    for row in device.reading.rows(cdp_mib.Cache):
        if len(row.index) != 2 or not (row.device_id or row.port):
            continue
        id = row.device_id or ""
        mac = _MAC.fullmatch(id)
        called, serial = cdp_device_id(id)
        name = row.system_name or ("" if mac and len(id) == 12 else called)
        address = syntax.inet_address(row.address) if row.address and row.address_type in {1, 20} else None
        yield Heard(
            "cdp",
            device.ports.names.get(row.interface, f"port {row.interface}"),
            chassis=f"mac {bytes.fromhex(mac['mac']).hex(':')}" if mac else "",
            port_id=f"text {row.port}" if row.port else "",
            system_name=name,
            system_description=row.version or "",
            platform=row.platform or "",
            serial=serial,
            perhaps_serial=cdp_perhaps_serial(id),
            capabilities=_capabilities(row.capabilities),
            addresses=(address,) if address and address != "0.0.0.0" else (),  # noqa: S104 - an address that is none
        )


def _lacp(device: Device) -> Iterator[Heard]:
    for row in device.reading.rows(lag_mib.AggregatePort):
        local = device.ports.names.get(row.index[0])
        if local and row.partner and row.partner not in device.identity.own_macs:
            yield Heard("lacp", local, chassis=f"mac {row.partner}")


def _written(id: Identifier | None) -> str:
    return f"{id.kind} {id.value}" if id else ""


def _capabilities(octets: bytes | None) -> tuple[str, ...]:
    number = int.from_bytes(octets, "big") if octets and len(octets) <= 4 else 0
    return tuple(sorted({word for bit, word in enumerate(_CDP_CAPABILITIES) if number & 1 << bit}))
