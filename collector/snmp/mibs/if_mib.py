"""IF-MIB (RFC 2863): interfaces, their names, and which stands on which."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from collector.snmp import syntax
from collector.snmp.table import Row, column

KINDS = {
    1: "other", 6: "ethernetCsmacd", 22: "propPointToPointSerial", 23: "ppp", 24: "softwareLoopback", 28: "slip",
    53: "propVirtual", 71: "ieee80211", 94: "adsl", 117: "gigabitEthernet", 131: "tunnel", 135: "l2vlan",
    136: "l3ipvlan", 142: "ipForward", 150: "mplsTunnel", 161: "ieee8023adLag", 166: "mpls", 209: "bridge",
}  # fmt: skip
"""Words of IANAifType-MIB for the types that tell kinds of ports apart; any other is its number."""

STATES = {1: "up", 2: "down", 3: "testing", 4: "unknown", 5: "dormant", 6: "notPresent", 7: "lowerLayerDown"}

_MOST_IN_SPEED = 4_294_967_295
"""ifSpeed of an interface that is faster than it can say; ifHighSpeed says it then."""


@dataclass(frozen=True, slots=True)
class Interface(Row):
    """ifEntry. Index: ifIndex."""

    oid: ClassVar[str] = "1.3.6.1.2.1.2.2.1"

    description: str | None = column(2, syntax.text)
    kind: str | None = column(3, syntax.one_of(KINDS))
    mtu: int | None = column(4, syntax.number)
    speed: int | None = column(5, syntax.number)
    mac: str | None = column(6, syntax.mac)
    admin: str | None = column(7, syntax.one_of(STATES))
    state: str | None = column(8, syntax.one_of(STATES))


@dataclass(frozen=True, slots=True)
class InterfaceMore(Row):
    """ifXEntry. Index: ifIndex. `high_speed` is in 1,000,000 bits per second; `alias` is what people wrote on the port."""

    oid: ClassVar[str] = "1.3.6.1.2.1.31.1.1.1"

    name: str | None = column(1, syntax.text)
    high_speed: int | None = column(15, syntax.number)
    alias: str | None = column(18, syntax.text)


@dataclass(frozen=True, slots=True)
class Stack(Row):
    """ifStackEntry. Index: ifStackHigherLayer, ifStackLowerLayer; 0 ends a chain."""

    oid: ClassVar[str] = "1.3.6.1.2.1.31.1.2.1"

    status: int | None = column(3, syntax.number)


_EXTENDER_PORT = re.compile(r"Eth(?:ernet)?1\d\d/\d{1,2}/\d{1,2}")


def is_of_extender(interface: Interface) -> bool:
    """A port of a fabric extender (NX-OS calls it Ethernet101/1/7), whose MAC two switches tell as theirs."""
    return _EXTENDER_PORT.fullmatch(interface.description or "") is not None


def speed_bps(interface: Interface, more: InterfaceMore | None) -> int | None:
    """Bits per second: ifHighSpeed where ifSpeed can not say it or says nothing, None where both are 0."""
    speed = interface.speed or 0
    high = (more.high_speed or 0) * 1_000_000 if more else 0
    if high and (not speed or speed >= _MOST_IN_SPEED or high > _MOST_IN_SPEED):
        return high
    return speed if 0 < speed < _MOST_IN_SPEED else high or None


def stacked(rows: Iterable[Stack]) -> dict[int, set[int]]:
    """{interface: those right below it} of the rows that are in force (RowStatus active)."""
    found: dict[int, set[int]] = {}
    for row in rows:
        if len(row.index) == 2 and all(row.index) and row.status in {None, 1}:
            found.setdefault(row.index[0], set()).add(row.index[1])
    return found
