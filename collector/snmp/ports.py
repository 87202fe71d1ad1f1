"""The interfaces of a device by the names that they have in the graph, and by what other tables call them.

An interface is called as ifName says, as ifDescr says where there is none. Where several would be called alike ifDescr tells them
apart, else ifIndex behind the name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from collector.snmp.mibs import bridge_mib
from collector.snmp.mibs.if_mib import Interface, InterfaceMore
from collector.snmp.mibs.lldp_mib import Own
from collector.snmp.reading import Declared, Reading

TABLES: tuple[Declared, ...] = (Interface, InterfaceMore)


@dataclass(frozen=True)
class Ports:
    """Interfaces by ifIndex. `names` are unique."""

    names: Mapping[int, str]
    interfaces: Mapping[int, Interface]
    more: Mapping[int, InterfaceMore]
    _called: dict[str, int] = field(default_factory=dict)
    _by_mac: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, reading: Reading) -> Ports:
        """Raises agent.fact.Unavailable where the interfaces could not be read."""
        interfaces = {row.index[0]: row for row in reading.rows(Interface) if len(row.index) == 1}
        more = {row.index[0]: row for row in reading.rows(InterfaceMore) if len(row.index) == 1}
        return cls(_names(interfaces, more), interfaces, more)

    def called(self, text: str | None) -> int | None:
        """ifIndex of the one interface that ifName, ifDescr or ifAlias calls so; None where there is none or several."""
        if not self._called:
            self._called.update({"": 0, **_called(self)})
        found = self._called.get((text or "").strip().lower(), 0)
        return found or None

    def with_mac(self, mac: str) -> int | None:
        """ifIndex of the one interface that has this MAC."""
        if not self._by_mac:
            self._by_mac[""] = 0  # Looked through once, also where no interface has one.
            for index, each in self.interfaces.items():
                if each.mac:
                    self._by_mac[each.mac] = 0 if each.mac in self._by_mac else index
        return self._by_mac.get(mac) or None


def of_bridge(reading: Reading) -> dict[int, int]:
    """{dot1dBasePort: ifIndex}. A bridge that does not say counts its ports as its interfaces."""
    return bridge_mib.interfaces(reading.rows(bridge_mib.BasePort))


def of_lldp(number: int, by_index: bool, own: Own, ports: Ports, bridge: Mapping[int, int]) -> int | None:
    """ifIndex of a local port of LLDP, None where it can not be told.

    What the port calls itself comes first; its number is ifIndex on most devices, dot1dBasePort on bridges, and the device's
    own on some.
    """
    if by_index:
        return number if number in ports.names else None
    id, description = own.ports.get(number, (None, None))
    if id is not None and id.kind == "text" and (found := ports.called(id.value)):
        return found
    if id is not None and id.kind == "mac" and (found := ports.with_mac(id.value)):
        return found
    if found := ports.called(description):
        return found
    if (
        id is not None
        and id.kind == "text"
        and id.value.isdecimal()
        and len(id.value) < 10
        and int(id.value) in ports.names
    ):
        return int(id.value)
    if number in ports.names:
        return number
    return bridge.get(number)


def _names(interfaces: Mapping[int, Interface], more: Mapping[int, InterfaceMore]) -> dict[int, str]:
    first = {index: _named(index, each, more.get(index)) for index, each in sorted(interfaces.items())}
    alike = Counter(first.values())
    second = {
        index: (interfaces[index].description or name) if alike[name] > 1 else name for index, name in first.items()
    }
    again = Counter(second.values())
    third = {
        index: f"{first[index]} {index}" if again[name] > 1 and alike[first[index]] > 1 else name
        for index, name in second.items()
    }
    taken: set[str] = set()
    for index, name in third.items():
        while name in taken:
            name += f" {index}"
        third[index] = name
        taken.add(name)
    return third


def _named(index: int, each: Interface, more: InterfaceMore | None) -> str:
    return (more.name if more else None) or each.description or f"ifIndex {index}"


def _called(ports: Ports) -> dict[str, int]:
    """By each kind of name on its own: what is ambiguous in one is 0; ifName comes before ifDescr and that before ifAlias."""
    found: dict[str, int] = {}
    for kind in (
        [(index, each.name) for index, each in ports.more.items() if index in ports.names],
        [(index, each.description) for index, each in ports.interfaces.items()],
        [(index, each.alias) for index, each in ports.more.items() if index in ports.names],
    ):
        for text, index in _unambiguous(kind).items():
            found.setdefault(text, index)
    return found


def _unambiguous(named: Iterable[tuple[int, str | None]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for index, text in named:
        if text:
            key = text.strip().lower()
            found[key] = 0 if found.get(key, index) != index else index
    return found
