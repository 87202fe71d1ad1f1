"""What links are made of: hosts and devices with their ports, and what each was told by its neighbours. Pure.

Sources: CIs of the classes Host, NetworkDevice, NetworkInterface and Adjacency, and the readings `index`, `stations` and
`station_count` of interfaces. `Estate` finds them by what neighbours say.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property

from cmdb.model.identity import mac, neighbour, neighbour_serial_key

STACKED = frozenset({"bridge", "loopback", "vlan", "tun", "tunnel", "dummy", "vxlan", "macvlan", "ipvlan", "vrf"})
"""Kinds of interfaces that no cable is plugged into, and that may have the address of the one that they stand on."""
BUNDLES = frozenset({"bond", "team", "lag", "aggregate"})
"""Kinds of interfaces that are several ports taken together."""
WIRED = frozenset({"physical"})

_NAME = re.compile(r"([a-z][a-z_-]{0,63})\s*(\d[\w/.:-]*)\Z")


@dataclass(frozen=True)
class Port:
    """A NetworkInterface. `stations` are MACs learnt on it, None where that was not looked for; `read_on` is the day, since the
    epoch, on which the table was read that shows them, None where that is not known. `resolved` has the MACs that stand behind
    addresses of its subnets, as (address, MAC), and `resolved_on` the day of that table. `addresses` are its own."""

    id: str
    name: str
    description: str = ""
    alias: str = ""
    mac: str = ""
    permanent_mac: str = ""
    kind: str = ""
    master: str = ""
    index: int | None = None
    stations: tuple[str, ...] | None = None
    station_count: int | None = None
    read_on: int | None = None
    addresses: tuple[str, ...] = ()
    resolved: tuple[tuple[str, str], ...] = ()
    resolved_on: int | None = None

    @property
    def own_mac(self) -> str:
        """That of its hardware: members of a bond share the other one."""
        return self.permanent_mac or self.mac


@dataclass(frozen=True)
class Word:
    """An Adjacency: what was told at one port of a node."""

    protocol: str
    local_port: str
    neighbour: str = ""
    chassis: str = ""
    port_id: str = ""
    port_description: str = ""
    system_name: str = ""
    serial: str = ""
    capabilities: tuple[str, ...] = ()


@dataclass(frozen=True)
class Node:
    """A Host or NetworkDevice. `discovered` is false of a device that only its neighbours tell of; such a one has no ports."""

    id: str
    class_name: str
    name: str
    identifiers: tuple[str, ...] = ()
    discovered: bool = True
    contained: bool = False
    """True of a host that is a container or namespace, whose wires are virtual ones."""
    system: str = ""
    """Operating system, as os-release(5) has it."""
    ports: Mapping[str, Port] = field(default_factory=dict)
    """By name."""
    words: tuple[Word, ...] = ()

    @cached_property
    def lookup(self) -> PortLookup:
        """Its ports by what they are called."""
        return PortLookup(self.ports.values())

    def own_port(self, name: str) -> Port | None:
        """The port that it speaks of itself, by the name that one of its tables has for it."""
        if name in self.ports:
            return self.ports[name]
        found = self.lookup.named(name)
        return found[0] if len(found) == 1 else None

    @cached_property
    def speaking(self) -> frozenset[str]:
        """Ids of its ports at which a neighbour protocol speaks, with their bundles and the members of these. LACP tells of no
        neighbour."""
        heard = {p.id: p for w in self.words if w.protocol != "lacp" and (p := self.own_port(w.local_port)) is not None}
        found = set(heard)
        for port in heard.values():
            bundle = self.ports.get(port.master)
            for each in (port, bundle):
                if each is not None and each.kind in BUNDLES:
                    found.add(each.id)
            if port.kind in BUNDLES:
                found.update(p.id for p in self.lookup.members.get(port.name, ()))
        return frozenset(found)


class PortLookup:
    """Ports of a node by what they may be called, each group in the order of names. A node may have many thousands, and its
    neighbours tell as often of one: none of these answers looks at all of them again."""

    def __init__(self, ports: Iterable[Port]) -> None:
        self.by_id: dict[str, Port] = {}
        self.by_index: dict[int, list[Port]] = {}
        self.members: dict[str, list[Port]] = {}
        """By the name of what they are members of."""
        self._names: dict[str, list[Port]] = {}
        self._folded: tuple[dict[str, list[Port]], ...] = ({}, {}, {})
        self._spelled: dict[str, dict[str, list[Port]]] = {}
        self._macs: tuple[dict[str, list[Port]], ...] = ({}, {})
        self._letters: dict[str, list[str]] = {}
        self._alike: dict[tuple[str, str], list[Port]] = {}
        self._plugged: dict[str, list[Port]] = {}
        self._bundles: dict[str, list[Port]] = {}
        self._ids: dict[int, frozenset[str]] = {}
        self._common: dict[tuple[int, int], list[Port]] = {}
        for port in sorted(ports, key=lambda p: p.name):
            self._enter(port)

    def _enter(self, port: Port) -> None:
        self.by_id[port.id] = port
        if port.index is not None:
            self.by_index.setdefault(port.index, []).append(port)
        if port.master:
            self.members.setdefault(port.master, []).append(port)
        self._names.setdefault(port.name, []).append(port)
        for table, text in zip(self._folded, (port.name, port.description, port.alias), strict=True):
            table.setdefault(text.casefold(), []).append(port)
        for letters, number in {found for text in (port.name, port.description) if (found := spelling(text))}:
            self._spelled.setdefault(number, {}).setdefault(letters, []).append(port)
        for table, address in zip(self._macs, (port.own_mac, port.mac), strict=True):
            table.setdefault(address, []).append(port)

    def named(self, text: str) -> Sequence[Port]:
        """Ports that a text names: by name, name in other letters, description, what somebody wrote on it, short form; by the
        first of these ways in which it names any."""
        folded = text.strip().casefold()
        if not folded:
            return ()
        for found in (self._names.get(text), *(table.get(folded) for table in self._folded)):
            if found:
                return found
        return self._short(text)

    def by_mac(self, address: str) -> Sequence[Port]:
        """Ports that have a MAC: by that of their hardware, else by the one in use; those that can be plugged in first."""
        if address not in self._plugged:
            self._plugged[address] = next(
                (best for table in self._macs if (best := _best(table.get(address, ())))),
                [],
            )
        return self._plugged[address]

    def bundles(self, address: str) -> Sequence[Port]:
        """Bundles that use a MAC."""
        if address not in self._bundles:
            self._bundles[address] = [p for p in self._macs[1].get(address, ()) if p.kind in BUNDLES]
        return self._bundles[address]

    def common(self, one: Sequence[Port], other: Sequence[Port]) -> Sequence[Port]:
        """What two of the groups that this answered with have in common."""
        if not one or not other:
            return ()
        small, large = (one, other) if len(one) <= len(other) else (other, one)
        key = (id(small), id(large))  # which are kept as long as this is
        if key not in self._common:
            if id(large) not in self._ids:
                self._ids[id(large)] = frozenset(p.id for p in large)
            self._common[key] = [p for p in small if p.id in self._ids[id(large)]]
        return self._common[key]

    def _short(self, text: str) -> Sequence[Port]:
        """Ports of which it is a short form, or that have a short form of it."""
        key = spelling(text)
        if key is None:
            return ()
        if key not in self._alike:
            letters, number = key
            known = self._spelled.get(number, {})
            if number not in self._letters and known:
                self._letters[number] = sorted(known)
            order = self._letters.get(number, [])
            alike = [letters[:n] for n in range(1, len(letters)) if letters[:n] in known]
            for place in range(bisect_left(order, letters), len(order)):
                if not order[place].startswith(letters):
                    break
                alike.append(order[place])
            ports = {p.id: p for each in alike for p in known[each]}
            self._alike[key] = sorted(ports.values(), key=lambda p: p.name)
        return self._alike[key]


def spelling(name: str) -> tuple[str, str] | None:
    """The letters and the number of an interface name, None of another. Beyond 64 letters it is no name but a sentence."""
    found = _NAME.match(name.strip().casefold())
    return (found[1], found[2]) if found is not None else None


def _best(found: Sequence[Port]) -> list[Port]:
    plugged = [p for p in found if p.kind not in STACKED and p.kind not in BUNDLES]
    return plugged or [p for p in found if p.kind in BUNDLES] or list(found)


class Estate:
    """All nodes, found by id, by identifier, by serial number and by name. `shared` are identifiers that several live CIs
    are known to have (identify.SHARED): they lead nowhere."""

    def __init__(self, nodes: Iterable[Node], shared: Collection[str] = ()) -> None:
        self.nodes: dict[str, Node] = {node.id: node for node in sorted(nodes, key=lambda n: n.id)}
        self._shared = frozenset(shared)
        self._holders: dict[str, list[str]] = {}
        self._serials: dict[str, set[str]] = {}
        self._names: dict[str, set[str]] = {}
        self._macs: dict[str, set[str]] = {}
        for node in self.nodes.values():
            for identifier in node.identifiers:
                self._holders.setdefault(identifier, []).append(node.id)
                scheme, _, value = identifier.partition(" ")
                if scheme == "device" and node.discovered:
                    self._serials.setdefault(value.partition("/")[2].partition("/")[0], set()).add(node.id)
            for port in node.ports.values():
                for address in {port.mac, port.permanent_mac}:
                    if port.kind not in STACKED and mac(address):
                        self._macs.setdefault(address, set()).add(node.id)
            name = node_name(node.name)
            if name and node.discovered:
                for one in {name, name.partition(".")[0]}:
                    self._names.setdefault(one, set()).add(node.id)
        self.has_references = any(not node.discovered for node in self.nodes.values())
        """True where a device is known by its neighbours' words only."""
        self.index = object()
        """The same of estates in which the same is found by the same."""

    def renewed(self, changed: Mapping[str, Node], shared: Collection[str]) -> Estate:
        """The estate with some nodes as they are now."""
        alike = shared == self._shared and all(
            id_ in self.nodes and _found_by(self.nodes[id_]) == _found_by(node) for id_, node in changed.items()
        )
        if not alike:
            return Estate({**self.nodes, **changed}.values(), shared)
        found = copy(self)
        found.nodes = {**self.nodes, **changed}
        return found

    def by_chassis(self, chassis: str) -> tuple[Node | None, str]:
        """The one node that has this chassis id, or why there is none; ("", "") stands for one that identifies nothing.

        A MAC may be what a device calls itself by LLDP, the address of its bridge, or that of a port; whoever answered
        itself is meant before those that are only told of.
        """
        subtype, _, value = chassis.partition(" ")
        if subtype == "mac":
            address = mac(value)
            wanted = [f"{scheme} {address}" for scheme in ("chassis", "bridge", "port")] if address else []
        else:
            wanted = [f"component {value.strip()}"] if subtype == "component" and value.strip() else []
        return self._one(wanted, chassis)

    def by_system(self, system: str) -> tuple[Node | None, str]:
        """The one node of a system id of LACP (IEEE 802.1AX): what it calls itself, else the address of one of its ports. The
        peers of an MLAG show an id that is nobody's."""
        found, why = self.by_chassis(system)
        address = mac(system.partition(" ")[2])
        if found is not None or why or not address:
            return found, why
        ids = self.of_mac(address)
        if len(ids) > 1:
            return None, f"{system} is the address of ports of {len(ids)} items"
        return (self.nodes[next(iter(ids))], "") if ids else (None, "")

    def of_mac(self, address: str) -> set[str]:
        """Nodes that have a port of this MAC which a cable can be plugged into, or a bundle of such."""
        return self._macs.get(address, set())

    def by_serial(self, serial: str) -> tuple[Node | None, str]:
        """The one discovered device with this serial number, whoever made it."""
        wanted = serial.strip().replace("/", "%2F").upper()
        ids = self._serials.get(wanted, set())
        if len(ids) > 1:
            return None, f"several devices have the serial number {serial}"
        return (self.nodes[next(iter(ids))], "") if ids else (None, "")

    def by_name(self, name: str) -> Node | None:
        """The only discovered node of this name, None where there is none or more than one. A name alone proves nothing."""
        folded = node_name(name)
        short = folded.partition(".")[0]
        ids = self._names.get(folded, set()) if folded else set()
        # "sw1" may be "sw1.example.com" for its neighbour; two that begin alike are not told apart by that.
        ids = ids or {i for i in self._names.get(short, set()) if node_name(self.nodes[i].name) == short}
        alike = self._names.get(short, set()) if folded else set()
        return self.nodes[next(iter(ids))] if len(ids) == 1 and len(alike) == 1 else None

    def told_of(self, reporter: Node, word: Word) -> Node | None:
        """The device that is known by this very word only (neighbours.py)."""
        subtype, _, value = word.chassis.partition(" ")
        keys = [f"mac {value}"] if subtype == "mac" and mac(value) == value else []
        number = neighbour_serial_key("Cisco", word.serial) if word.serial else None  # CDP is Cisco's
        keys += [number] if number else []
        # Of several on one port each but the first is known by what it says of itself as well.
        keys += [f"port {word.local_port} {word.neighbour}", f"port {word.local_port}"]
        wanted = [neighbour(key, reporter.id) for key in keys]
        for identifier in wanted:
            found = [self.nodes[i] for i in self._holders.get(identifier, ())]
            if len(found) == 1 and not found[0].discovered:
                return found[0]
        return None

    def _one(self, wanted: Iterable[str], told: str) -> tuple[Node | None, str]:
        wanted = list(wanted)
        ids = sorted({id_ for identifier in wanted for id_ in self._holders.get(identifier, ())})
        if self._shared.intersection(wanted):
            return None, f"{told} is shared by several live items"
        answering = [id_ for id_ in ids if self.nodes[id_].discovered] or ids
        if len(answering) > 1:
            return None, f"{told} is of {len(answering)} items: {', '.join(answering[:5])}"
        return (self.nodes[answering[0]], "") if answering else (None, "")


def _found_by(node: Node) -> tuple[object, ...]:
    """All of a node that others find it by."""
    macs = {m for port in node.ports.values() if port.kind not in STACKED for m in (port.mac, port.permanent_mac)}
    return node.identifiers, node.discovered, node.name, macs


def node_name(value: str) -> str:
    """A name as it is compared."""
    return value.strip().rstrip(".").casefold()
