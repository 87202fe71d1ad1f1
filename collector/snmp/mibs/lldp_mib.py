"""LLDP-MIB (IEEE 802.1AB-2005) and LLDP-V2-MIB (IEEE 802.1AB-2009): what a device says of itself on its links, and what
its neighbours have said.

Version 2 has another root, ifIndex where version 1 has a port number of its own, and a destination address in its indexes.
Both give the same `Neighbour`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from collector.snmp import syntax
from collector.snmp.table import Answers, Row, Scalars, column, octets_at, rows, scalars

CHASSIS_COMPONENT, CHASSIS_MAC, CHASSIS_ADDRESS = 1, 4, 5
"""LldpChassisIdSubtype. The others (interface alias 2, port component 3, interface name 6, local 7) do not identify."""

PORT_MAC, PORT_ADDRESS = 3, 4
"""LldpPortIdSubtype. The others (alias 1, component 2, interface name 5, circuit 6, local 7) are texts."""

MOST_MANAGEMENT = 64
"""Management addresses of one neighbour that are kept, those that come first: they help to know it again, and are no record."""

IPV4, IPV6 = 1, 2
"""AddressFamilyNumbers (IANA)."""

CAPABILITIES = ("other", "repeater", "bridge", "wlan", "router", "telephone", "docsis", "station")
"""LldpSystemCapabilitiesMap by bit."""


@dataclass(frozen=True, slots=True)
class Local(Scalars):
    """lldpLocalSystemData."""

    oid: ClassVar[str] = "1.0.8802.1.1.2.1.3"

    chassis_subtype: int | None = column(1, syntax.number)
    chassis: bytes | None = column(2, syntax.octets)
    name: str | None = column(3, syntax.text)
    description: str | None = column(4, syntax.text)


@dataclass(frozen=True, slots=True)
class Local2(Local):
    """lldpV2LocalSystemData."""

    oid: ClassVar[str] = "1.3.111.2.802.1.1.13.1.3"


@dataclass(frozen=True, slots=True)
class LocalPort(Row):
    """lldpLocPortEntry. Index: lldpLocPortNum."""

    oid: ClassVar[str] = "1.0.8802.1.1.2.1.3.7.1"

    subtype: int | None = column(2, syntax.number)
    id: bytes | None = column(3, syntax.octets)
    description: str | None = column(4, syntax.text)


@dataclass(frozen=True, slots=True)
class LocalPort2(LocalPort):
    """lldpV2LocPortEntry. Index: ifIndex."""

    oid: ClassVar[str] = "1.3.111.2.802.1.1.13.1.3.7.1"


@dataclass(frozen=True, slots=True)
class Remote(Row):
    """lldpRemEntry. Index: time mark, lldpLocPortNum, number of the neighbour."""

    oid: ClassVar[str] = "1.0.8802.1.1.2.1.4.1.1"

    chassis_subtype: int | None = column(4, syntax.number)
    chassis: bytes | None = column(5, syntax.octets)
    port_subtype: int | None = column(6, syntax.number)
    port: bytes | None = column(7, syntax.octets)
    port_description: str | None = column(8, syntax.text)
    name: str | None = column(9, syntax.text)
    description: str | None = column(10, syntax.text)
    enabled: frozenset[int] | None = column(12, syntax.bits)


@dataclass(frozen=True, slots=True)
class Remote2(Row):
    """lldpV2RemEntry. Index: time mark, ifIndex, destination address, number of the neighbour."""

    oid: ClassVar[str] = "1.3.111.2.802.1.1.13.1.4.1.1"

    chassis_subtype: int | None = column(5, syntax.number)
    chassis: bytes | None = column(6, syntax.octets)
    port_subtype: int | None = column(7, syntax.number)
    port: bytes | None = column(8, syntax.octets)
    port_description: str | None = column(9, syntax.text)
    name: str | None = column(10, syntax.text)
    description: str | None = column(11, syntax.text)
    enabled: frozenset[int] | None = column(13, syntax.bits)


@dataclass(frozen=True, slots=True)
class Management(Row):
    """lldpRemManAddrEntry. Index: that of the neighbour, address family, the address."""

    oid: ClassVar[str] = "1.0.8802.1.1.2.1.4.2.1"

    interface_subtype: int | None = column(3, syntax.number)
    interface: int | None = column(4, syntax.number)


@dataclass(frozen=True, slots=True)
class Management2(Management):
    """lldpV2RemManAddrEntry. Index: that of the neighbour, address family, the address."""

    oid: ClassVar[str] = "1.3.111.2.802.1.1.13.1.4.2.1"


TABLES = (LocalPort, LocalPort2, Remote, Remote2, Management, Management2)
GROUPS = (Local, Local2)


@dataclass(frozen=True, slots=True)
class Identifier:
    """A chassis id or port id in clear. `kind` is "mac", "address", "component" (of a chassis only) or "text"."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Neighbour:
    """What a neighbour has said on a port. `port_number` is lldpLocPortNum, of version 2 ifIndex (`by_index`)."""

    port_number: int
    by_index: bool
    chassis: Identifier | None
    port: Identifier | None
    port_description: str | None
    name: str | None
    description: str | None
    capabilities: tuple[str, ...] = ()
    management: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Own:
    """What a device says of itself: its chassis id and the ports by their number."""

    chassis: Identifier | None
    name: str | None
    ports: Mapping[int, tuple[Identifier | None, str | None]]


def chassis_id(subtype: int | None, id: bytes | None) -> Identifier | None:
    """A chassis id in clear; a MAC that is none (five octets, all zero) is None, whatever it is called."""
    if subtype == CHASSIS_MAC:
        return _mac(id)
    if subtype == CHASSIS_ADDRESS:
        return _network_address(id)
    return _text(id, "component" if subtype == CHASSIS_COMPONENT else "text")


def port_id(subtype: int | None, id: bytes | None) -> Identifier | None:
    """A port id in clear. Some devices give six octets under a subtype of text: they are taken for the MAC they are."""
    if subtype == PORT_MAC:
        return _mac(id) or _text(id, "text")
    if subtype == PORT_ADDRESS:
        return _network_address(id)
    if id is not None and len(id) == 6 and not id.isascii():
        return _mac(id)
    return _text(id, "text")


def own(answers: Answers) -> Own:
    """What the device itself says, by version 1 where it has that."""
    said: Local = scalars(Local, answers)
    ports: list[LocalPort] = rows(LocalPort, answers)
    if said.chassis is None:
        second = scalars(Local2, answers)
        if second.chassis is not None or not ports:
            said, ports = second, [*rows(LocalPort2, answers)]
    named = {row.index[0]: (port_id(row.subtype, row.id), row.description) for row in ports if len(row.index) == 1}
    return Own(chassis_id(said.chassis_subtype, said.chassis), said.name, named)


def neighbours(answers: Answers) -> list[Neighbour]:
    """All neighbours, by local port. Where a device has both versions, version 2 only adds what version 1 has not."""
    found = _neighbours(rows(Remote, answers), _addresses(rows(Management, answers), 3), by_index=False)
    second = _neighbours(rows(Remote2, answers), _addresses(rows(Management2, answers), 4), by_index=True)
    known = {(each.chassis, each.port) for each in found}
    return found + [each for each in second if (each.chassis, each.port) not in known]


def _neighbours(
    found: Iterable[Remote | Remote2], addresses: Mapping[tuple[int, ...], tuple[str, ...]], *, by_index: bool
) -> list[Neighbour]:
    made = []
    for row in found:
        if len(row.index) != (4 if by_index else 3):
            continue
        one = Neighbour(
            row.index[1],
            by_index,
            chassis_id(row.chassis_subtype, row.chassis),
            port_id(row.port_subtype, row.port),
            row.port_description,
            row.name,
            row.description,
            tuple(CAPABILITIES[bit] for bit in sorted(row.enabled or ()) if bit < len(CAPABILITIES)),
        )
        made.append(replace(one, management=addresses.get(row.index, ())))
    return made


def _addresses(found: Iterable[Management], length: int) -> dict[tuple[int, ...], tuple[str, ...]]:
    """{index of the neighbour: its management addresses}; families other than IP are left out, and what is behind
    MOST_MANAGEMENT."""
    by_neighbour: dict[tuple[int, ...], dict[str, None]] = {}
    for row in found:
        if len(row.index) <= length or row.index[length] not in {IPV4, IPV6}:
            continue
        octets = octets_at(row.index, length + 1)
        text = syntax.inet_address(octets) if octets else None
        if text:
            known = by_neighbour.setdefault(row.index[:length], {})
            if len(known) < MOST_MANAGEMENT:
                known[text] = None
    return {index: tuple(known) for index, known in by_neighbour.items()}


def _mac(id: bytes | None) -> Identifier | None:
    found = syntax.mac(id)
    return Identifier("mac", found) if found else None


def _network_address(id: bytes | None) -> Identifier | None:
    """The first octet is the family (IANA), the rest the address."""
    if not id or id[0] not in {IPV4, IPV6}:
        return None
    found = syntax.inet_address(id[1:])
    return Identifier("address", found) if found else None


def _text(id: bytes | None, kind: str) -> Identifier | None:
    found = syntax.text(id)
    return Identifier(kind, found) if found else None
