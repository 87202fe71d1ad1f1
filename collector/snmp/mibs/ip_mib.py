"""IP-MIB (RFC 4293), with the tables of IPv4 alone that it deprecates: addresses of a device, and ARP.

Old devices have the old tables alone, some new ones only the new; both are read, and what stands in either counts once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from collector.snmp import syntax
from collector.snmp.syntax import Value
from collector.snmp.table import Row, Scalars, column, index_of, octets_at


def _prefix_row(value: Value) -> str | None:
    """ipAddressPrefix is a RowPointer to a row of ipAddressPrefixTable, or zeroDotZero."""
    return value if isinstance(value, str) and value.count(".") > 10 else None


@dataclass(frozen=True, slots=True)
class Routing(Scalars):
    """ipForwarding: 1 where it passes on what is not for itself, 2 where it does not."""

    oid: ClassVar[str] = "1.3.6.1.2.1.4"

    forwarding: int | None = column(1, syntax.number)


@dataclass(frozen=True, slots=True)
class OldAddress(Row):
    """ipAddrEntry. Index: the address."""

    oid: ClassVar[str] = "1.3.6.1.2.1.4.20.1"

    address: str | None = column(1, syntax.address)
    interface: int | None = column(2, syntax.number)
    mask: str | None = column(3, syntax.address)


@dataclass(frozen=True, slots=True)
class Address(Row):
    """ipAddressEntry. Index: ipAddressAddrType, ipAddressAddr. `type` is 1 unicast, 2 anycast, 3 broadcast."""

    oid: ClassVar[str] = "1.3.6.1.2.1.4.34.1"

    interface: int | None = column(3, syntax.number)
    type: int | None = column(4, syntax.number)
    prefix: str | None = column(5, _prefix_row)


@dataclass(frozen=True, slots=True)
class OldIPv6Address(Row):
    """ipv6AddrEntry of IPV6-MIB (RFC 2465). Index: ipv6IfIndex, ipv6AddrAddress."""

    oid: ClassVar[str] = "1.3.6.1.2.1.55.1.8.1"

    prefix_length: int | None = column(2, syntax.number)
    type: int | None = column(3, syntax.number)


@dataclass(frozen=True, slots=True)
class OldNeighbour(Row):
    """ipNetToMediaEntry (ARP). Index: ifIndex, the address. `type` 2 is no longer valid."""

    oid: ClassVar[str] = "1.3.6.1.2.1.4.22.1"

    mac: str | None = column(2, syntax.mac)
    type: int | None = column(4, syntax.number)


@dataclass(frozen=True, slots=True)
class Neighbour(Row):
    """ipNetToPhysicalEntry (ARP and IPv6's neighbour discovery). Index: ifIndex, address type, address. `type` 2 is invalid,
    5 the device's own."""

    oid: ClassVar[str] = "1.3.6.1.2.1.4.35.1"

    mac: str | None = column(4, syntax.mac)
    type: int | None = column(6, syntax.number)


@dataclass(frozen=True, slots=True)
class Held:
    """An address that a device holds. `prefix_length` is None where the device does not say it."""

    address: str
    interface: int
    prefix_length: int | None


@dataclass(frozen=True, slots=True)
class Resolved:
    """An address that a device has resolved on an interface."""

    interface: int
    address: str
    mac: str


def held(old: Iterable[OldAddress], new: Iterable[Address], old6: Iterable[OldIPv6Address] = ()) -> list[Held]:
    """The unicast addresses of a device, each once; 0.0.0.0 and :: are none."""
    found: dict[str, Held] = {}
    for row in old:
        text = row.address or (syntax.inet_address(bytes(row.index)) if _is_ipv4(row.index) else None)
        if text and row.interface:
            _keep(found, Held(text, row.interface, _mask_length(row.mask)))
    for each in new:
        octets = _address_at(each.index, 1)
        text = syntax.inet_address(octets) if octets else None
        if text and each.interface and each.type in {None, 1}:
            _keep(found, Held(text, each.interface, _pointed_length(each.prefix)))
    for six in old6:
        octets = octets_at(six.index, 1, 16)
        text = syntax.inet_address(octets) if octets else None
        if text and six.index[0]:
            _keep(found, Held(text, six.index[0], six.prefix_length))
    return list(found.values())


def resolved(old: Iterable[OldNeighbour], new: Iterable[Neighbour]) -> list[Resolved]:
    """What a device has in its ARP and neighbour tables, each once, its own addresses left out."""
    found: dict[Resolved, None] = {}
    for row in old:
        octets = octets_at(row.index, 1, 4)
        text = syntax.inet_address(octets) if octets else None
        if text and row.mac and row.type != 2:
            found[Resolved(row.index[0], text, row.mac)] = None
    for each in new:
        octets = _address_at(each.index, 2)
        text = syntax.inet_address(octets) if octets else None
        if text and each.mac and each.type not in {2, 5}:
            found[Resolved(each.index[0], text, each.mac)] = None
    return list(found)


def _address_at(index: tuple[int, ...], start: int) -> bytes | None:
    """The address behind its type in an index. Its length stands before it (RFC 4001); some agents leave that out."""
    found = octets_at(index, start)
    if found is not None and len(index) == start + 1 + len(found):
        return found
    return octets_at(index, start, len(index) - start) if len(index) - start in {4, 16} else None


def _keep(found: dict[str, Held], held: Held) -> None:
    if held.address in {"0.0.0.0", "::"}:  # noqa: S104 - an address that is none
        return
    known = found.get(held.address)
    if known is None or (known.prefix_length is None and held.prefix_length is not None):
        found[held.address] = held


def _is_ipv4(index: tuple[int, ...]) -> bool:
    return len(index) == 4 and max(index) <= 255


def _mask_length(mask: str | None) -> int | None:
    """Length of the prefix that a mask stands for; None where it is none (its ones are not in front)."""
    if mask is None or ":" in mask:
        return None
    bits = int.from_bytes(bytes(map(int, mask.split("."))), "big")
    inverted = bits ^ 0xFFFFFFFF
    return None if inverted & (inverted + 1) else 32 - inverted.bit_length()


def _pointed_length(prefix: str | None) -> int | None:
    """ipAddressPrefixLength is the last index of the row that is pointed to."""
    index = index_of(prefix) if prefix else ()
    return index[-1] if index and index[-1] <= 128 else None
