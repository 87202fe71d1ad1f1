"""What is plugged into what, with its proof: links from what neighbours tell and forwarding tables show. Pure.

Two ports of network gear are CONNECTS_TO each other, stored once with the lesser id first, and so are two hosts that are wired
together; an interface of a host is LINKED_VIA a port of network gear. `proof` is "confirmed" where both ends told of each other,
"one-sided" where one did, "inferred" where a forwarding table gave it away. docs/topology.md has the rules for people.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from cmdb.cabling_evidence import BUNDLES, WIRED, Estate, Node
from cmdb.inferred_cables import inferred_cables
from cmdb.told_cables import Pair, Told, Unplaced, Words, cut, pair, told_cables

CONFIRMED, ONE_SIDED, INFERRED = "confirmed", "one-sided", "inferred"
BETWEEN_GEAR, TO_GEAR = "CONNECTS_TO", "LINKED_VIA"
SIGHTING = "SEEN_AS"
"""From a device to what its neighbours tell of by reference."""
TYPES = (BETWEEN_GEAR, TO_GEAR, SIGHTING)

NETWORK_SYSTEMS = frozenset({"cumulus-linux", "dent", "openwrt", "opx", "sonic", "vyos"})
"""Systems (ID of os-release(5)) that make a switch or router of the machine they run on."""
SEGMENT = "shared segment"
"""`note` of a link between ports that hear several neighbours: not one cable, and no way by which others' packets go."""
MOST_ON_SEGMENT = 16
"""Neighbours at one port of which links are made: of n that share a segment each would be linked to each."""

MOST_SAID = 6
"""Statements that the evidence of a link quotes."""


@dataclass(frozen=True)
class Cable:
    """One link. `owner` is the host or device that its claim is kept with."""

    type: str
    subject: str
    object: str
    proof: str
    evidence: str
    owner: str
    segment: bool = False


@dataclass
class Cabling:
    """All links of an estate in order, `shown` those inferred ones that a table shows now with the day on which it was read,
    `ended` why those of before are over where it is not that nobody tells of them any more, both by (subject, object);
    `unplaced` what no link could be made of, `sightings` who is proved to be a device that is known by its neighbours' words."""

    cables: list[Cable] = field(default_factory=list)
    sightings: list[Cable] = field(default_factory=list)
    shown: dict[tuple[str, str], int | None] = field(default_factory=dict)
    ended: dict[tuple[str, str], str] = field(default_factory=dict)
    unplaced: list[Unplaced] = field(default_factory=list)


@dataclass(frozen=True)
class _Crowd:
    """Neighbours at one port: `heard` are those that it tells of itself, `claiming` those that only say that they hear it."""

    node: str
    name: str
    heard: set[str] = field(default_factory=set)
    claiming: set[str] = field(default_factory=set)

    def count(self, far: str = "") -> int:
        """With how many a neighbour shares this port: one that it tells of never with such as it does not tell of, for who
        claims to be there would otherwise end a cable that both of its ends confirm."""
        return len(self.heard) if far in self.heard else len(self.heard) + len(self.claiming)

    @property
    def too_many(self) -> str:
        """Why no links are made of the most of them."""
        if self.heard and len(self.heard) <= MOST_ON_SEGMENT:
            return f"{len(self.claiming)} neighbours say that they hear it, of which it hears none: no cables"
        return f"{self.count()} neighbours tell of themselves there: a segment that many share, and no cable"


def cabling(
    estate: Estate,
    before: Mapping[tuple[str, str], str] | None = None,
    expired: Collection[tuple[str, str]] = (),
    words: Words | None = None,
) -> Cabling:
    """The links of an estate. `before` are the inferred links that stand, evidence by (subject, object), `expired` those of
    them that no table has shown for too long, `words` what words came to in a run before."""
    gear = {node.id for node in estate.nodes.values() if is_gear(node)}
    told = told_cables(estate, words)
    whole = {port.id: node.id for node in estate.nodes.values() for port in node.ports.values()}
    standing = {ends: key for key in before or {} if (ends := _ends(whole, key)) is not None}
    was = {ends: (before or {})[key] for ends, key in standing.items()}
    inferred = inferred_cables(
        estate, gear, told.cables, was, {ends for ends, key in standing.items() if key in expired}
    )
    made = Cabling(unplaced=[*told.unplaced, *inferred.unplaced])
    crowds = _crowds(estate, told)
    made.unplaced += [
        Unplaced(crowd.node, crowd.name, crowd.too_many) for crowd in crowds.values() if crowd.count() > MOST_ON_SEGMENT
    ]
    for ends in told.cables:
        proof = CONFIRMED if told.confirmed(ends) else ONE_SIDED
        cable = _cable(estate, gear, ends, proof, _evidence(told, ends))
        several = max(crowds[near[1]].count(far[1]) if near[1] in crowds else 1 for near, far in (ends, ends[::-1]))
        if several > MOST_ON_SEGMENT:
            made.ended[cable.subject, cable.object] = f"it is one of {several} that are told of at one port"
        else:
            made.cables.append(replace(cable, segment=True) if several > 1 else cable)
    for ends, text in inferred.cables.items():
        made.cables.append(_cable(estate, gear, ends, INFERRED, text))
        if ends in inferred.shown:
            made.shown[made.cables[-1].subject, made.cables[-1].object] = inferred.shown[ends]
    made.ended.update((standing[ends], why) for ends, why in inferred.ended.items())
    made.ended.update((key, "one of its ends is gone") for key in before or {} if _ends(whole, key) is None)
    made.sightings = list(_sightings(estate, told))
    made.cables.sort(key=lambda c: (c.type, c.subject, c.object))
    made.unplaced.sort(key=lambda u: (u.node, u.port, u.why))
    return made


def is_gear(node: Node) -> bool:
    """True of what carries others' packets: a device of the network; a host that runs such a device's system, or that bridges
    between two wires of its own. A hypervisor's bridge has one wire, beside those of its guests."""
    if node.class_name == "NetworkDevice" or node.system in NETWORK_SYSTEMS:
        return True
    wired = WIRED | BUNDLES | ({"veth"} if node.contained else frozenset())
    bridges = {port.name for port in node.ports.values() if port.kind == "bridge"}
    wires = [port.master for port in node.ports.values() if port.master in bridges and port.kind in wired]
    return len(wires) > len(set(wires))


def _ends(whole: Mapping[str, str], key: tuple[str, str]) -> Pair | None:
    if any(port not in whole for port in key):
        return None
    return pair((whole[key[0]], key[0]), (whole[key[1]], key[1]))


def _cable(estate: Estate, gear: Collection[str], ends: Pair, proof: str, evidence: str) -> Cable:
    one, other = ends
    if (one[0] in gear) is not (other[0] in gear):
        host, switch = (other, one) if one[0] in gear else (one, other)
        return Cable(TO_GEAR, host[1], switch[1], proof, evidence, host[0])
    owner = one[0] if estate.nodes[one[0]].discovered else other[0]
    return Cable(BETWEEN_GEAR, one[1], other[1], proof, evidence, owner)


def _crowds(estate: Estate, told: Told) -> dict[str, _Crowd]:
    """Neighbours of the ports of nodes, by port; a bundle has as many as it has members."""
    found = {
        port.id: _Crowd(node.id, port.name)
        for node in estate.nodes.values()
        for port in node.ports.values()
        if port.kind not in BUNDLES
    }
    for cable in told.cables:
        sayers = told.sayers(cable)
        for near, far in (cable, cable[::-1]):
            if near[1] in found:
                crowd = found[near[1]]
                (crowd.heard if near in sayers else crowd.claiming).add(far[1])
    return found


def _sightings(estate: Estate, told: Told) -> Iterator[Cable]:
    """Devices known by words all of which are proved to mean one and the same that answered itself."""
    for reference, meant in sorted(told.sightings.items()):
        one = next(iter(meant)) if len(meant) == 1 else ""
        if one and estate.nodes[one].discovered:
            yield Cable(SIGHTING, one, reference, CONFIRMED, _quoted(meant[one]), one)


def _evidence(told: Told, ends: Pair) -> str:
    return _quoted(told.cables[ends])


def _quoted(statements: Collection[str]) -> str:
    said = sorted(statements)
    texts = [cut(text) for text in said[:MOST_SAID]]
    return "; ".join(texts + ([f"and {len(said) - MOST_SAID} more"] if len(said) > MOST_SAID else []))


def by_owner(cables: Iterable[Cable]) -> dict[str, list[Cable]]:
    """Links by the host or device that their claims are kept with."""
    found: dict[str, list[Cable]] = {}
    for cable in cables:
        found.setdefault(cable.owner, []).append(cable)
    return found
