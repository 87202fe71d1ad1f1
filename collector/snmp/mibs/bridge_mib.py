"""BRIDGE-MIB (RFC 4188): a bridge's ports, its forwarding table without VLANs, spanning tree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from collector.snmp import syntax
from collector.snmp.syntax import Value
from collector.snmp.table import Row, Scalars, column, octets_at

LEARNED = 3
"""dot1dTpFdbStatus and dot1qTpFdbStatus of an address that was learned from traffic; 4 is the bridge's own."""


def _bridge_id(value: Value) -> bytes | None:
    """BridgeId: two octets of priority, six of address."""
    found = syntax.octets(value)
    return found if found is not None and len(found) == 8 else None


@dataclass(frozen=True, slots=True)
class Base(Scalars):
    """dot1dBase: `address` is the bridge's own MAC; some bridges leave it zero, which is None."""

    oid: ClassVar[str] = "1.3.6.1.2.1.17.1"

    address: str | None = column(1, syntax.mac)


@dataclass(frozen=True, slots=True)
class BasePort(Row):
    """dot1dBasePortEntry. Index: dot1dBasePort."""

    oid: ClassVar[str] = "1.3.6.1.2.1.17.1.4.1"

    interface: int | None = column(2, syntax.number)


@dataclass(frozen=True, slots=True)
class Forwarding(Row):
    """dot1dTpFdbEntry. Index: the MAC address. `port` is a dot1dBasePort, 0 where it is not known."""

    oid: ClassVar[str] = "1.3.6.1.2.1.17.4.3.1"

    port: int | None = column(2, syntax.number)
    status: int | None = column(3, syntax.number)


@dataclass(frozen=True, slots=True)
class SpanningTree(Scalars):
    """dot1dStp: bridge id of the root as this bridge believes, and its port towards it (0 where it is the root)."""

    oid: ClassVar[str] = "1.3.6.1.2.1.17.2"

    designated_root: bytes | None = column(5, _bridge_id)
    root_port: int | None = column(7, syntax.number)


@dataclass(frozen=True, slots=True)
class SpanningTreePort(Row):
    """dot1dStpPortEntry. Index: dot1dBasePort. `state`: 2 blocking, 5 forwarding."""

    oid: ClassVar[str] = "1.3.6.1.2.1.17.2.15.1"

    state: int | None = column(3, syntax.number)
    designated_bridge: bytes | None = column(8, _bridge_id)


@dataclass(frozen=True, slots=True)
class Station:
    """A station that a bridge has seen on a port, in a VLAN where the bridge tells it apart."""

    mac: str
    port: int
    vlan: int | None = None


def interfaces(ports: Iterable[BasePort]) -> dict[int, int]:
    """{dot1dBasePort: ifIndex}."""
    return {port.index[0]: port.interface for port in ports if port.interface}


def stations(rows: Iterable[Forwarding]) -> list[Station]:
    """The stations of a forwarding table; the bridge's own addresses and unknown ports left out."""
    found = []
    for row in rows:
        octets = octets_at(row.index, 0, 6)
        if octets and row.port and row.status in {None, LEARNED}:
            found.append(Station(octets.hex(":"), row.port))
    return found
