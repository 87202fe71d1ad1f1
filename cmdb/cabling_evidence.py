"""What links are made of: hosts and devices with their ports, and what each was told by its neighbours. Pure.

Sources: CIs of the classes Host, NetworkDevice, NetworkInterface and Adjacency, and the readings `index`, `stations` and
`station_count` of interfaces. `Estate` finds them by what neighbours say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from cmdb.model.identity import mac, neighbour, neighbour_serial_key

STACKED = frozenset({"bridge", "loopback", "vlan", "tun", "tunnel", "dummy", "vxlan", "macvlan", "ipvlan", "vrf"})
"""Kinds of interfaces that no cable is plugged into, and that may have the address of the one that they stand on."""
BUNDLES = frozenset({"bond", "team", "lag", "aggregate"})
"""Kinds of interfaces that are several ports taken together."""
WIRED = frozenset({"physical"})


@dataclass(frozen=True)
class Port:
    """A NetworkInterface. `stations` are MACs learnt on it, None where that was not looked for; `read_on` is the day, since the
    epoch, on which the table was read that shows them, None where that is not known."""

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


def node_name(value: str) -> str:
    """A name as it is compared."""
    return value.strip().rstrip(".").casefold()
