"""Cables that neighbours tell of: by LLDP, CDP and LACP. Pure.

A neighbour is found by what identifies it, never by its name alone, and its port by the port id. A word of which the port stays
unknown makes no cable of itself, but proves from its end what the other end tells. LACP tells systems and no ports: where what
it tells leaves several ways to plug in the members, the bundles themselves are joined.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from cmdb.cabling_evidence import Estate, Node, Port, Word, node_name
from cmdb.far_port import far_port

LACP = "lacp"
LONGEST_SAID = 600
"""Bytes that evidence quotes of one statement or name."""

End = tuple[str, str]
"""(node, port); the port of a device that is only told of is the device itself."""
Pair = tuple[End, End]
"""Both ends of a cable, in order."""


@dataclass(frozen=True)
class Unplaced:
    """What a neighbour said that no cable could be made of, and why."""

    node: str
    port: str
    why: str


@dataclass
class Told:
    """Cables by both ends, each with what was said of it by which end, and what made none."""

    cables: dict[Pair, dict[str, set[End]]] = field(default_factory=dict)
    """{pair: {what was said: by which of its ends}}"""
    unplaced: list[Unplaced] = field(default_factory=list)
    sightings: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    """{device that is known by words only: {whom words of it are proved to mean, empty where nobody: what was said}}"""

    def saw(self, reference: str, meant: str, text: str) -> None:
        if reference:
            self.sightings.setdefault(reference, {}).setdefault(meant, set()).add(text)

    def say(self, near: End, far: End, text: str) -> None:
        self.cables.setdefault(pair(near, far), {}).setdefault(text, set()).add(near)

    def sayers(self, cable: Pair) -> set[End]:
        """Which of its ends tell of a cable."""
        return {end for ends in self.cables.get(cable, {}).values() for end in ends}

    def confirmed(self, cable: Pair) -> bool:
        return self.sayers(cable) == set(cable)


@dataclass(frozen=True)
class _Nameless:
    """A word at a known port of a node that identifies nobody, and why. `reference` is the device that is known by it only."""

    node: Node
    port: Port
    word: Word
    why: str
    reference: str

    @property
    def near_end(self) -> End:
        return (self.node.id, self.port.id)


@dataclass(frozen=True)
class _Heard:
    """A word at a known port of a node that was found out to be of `far`."""

    node: Node
    port: Port
    word: Word
    far: Node
    far_port: Port | None
    why: str
    text: str
    reference: str
    """The device that is known by this word only, beside the one that it means."""

    @property
    def near_end(self) -> End:
        return (self.node.id, self.port.id)


@dataclass
class _Listened:
    """What the words of one node come to by themselves."""

    node: Node
    heard: list[_Heard] = field(default_factory=list)
    nameless: list[_Nameless] = field(default_factory=list)
    unplaced: list[Unplaced] = field(default_factory=list)

    def stands(self, estate: Estate) -> bool:
        """True where this node, and those that it speaks of, are what they were."""
        nodes = estate.nodes
        return nodes[self.node.id] is self.node and all(nodes.get(each.far.id) is each.far for each in self.heard)


@dataclass
class Words:
    """What words came to in an estate before, so that those of which nothing has changed are not looked at again."""

    index: object = None
    listened: dict[str, _Listened] = field(default_factory=dict)

    def of(self, estate: Estate) -> Iterator[_Listened]:
        """Of each node, in order."""
        known = self.listened if self.index is estate.index else {}
        self.index, self.listened = estate.index, {}
        for node in estate.nodes.values():
            stood = known.get(node.id)
            if stood is None or not stood.stands(estate):
                stood = _listened(estate, node)
            self.listened[node.id] = stood
            yield stood


def told_cables(estate: Estate, words: Words | None = None) -> Told:
    """All cables that are told of in an estate. `words` are those of a run before, and of this one from then on."""
    told = Told()
    heard: list[_Heard] = []
    nameless: list[_Nameless] = []
    for each in (words or Words()).of(estate):
        heard += each.heard
        nameless += each.nameless
        told.unplaced += each.unplaced
    for one in heard:
        if one.far_port is not None and one.far_port.id != one.port.id:
            told.say(one.near_end, (one.far.id, one.far_port.id), one.text)
        elif not one.far.discovered and one.word.protocol != LACP:
            told.say(one.near_end, (one.far.id, one.far.id), one.text)
        told.saw(one.reference, one.far.id, one.text)
    _named(estate, told, nameless)
    _vouched(told, heard)
    _bundles(told, [each for each in heard if each.word.protocol == LACP and each.far.discovered])
    _left_over(told, heard)
    return told


def _listened(estate: Estate, node: Node) -> _Listened:
    found = _Listened(node)
    for word in sorted(node.words, key=_order):
        port = node.own_port(word.local_port)
        if port is None:
            found.unplaced.append(Unplaced(node.id, word.local_port, f"it has no port {word.local_port}"))
            continue
        far, why = _found(estate, word)
        if far is not None and far.discovered and far.id == node.id and word.protocol == LACP:
            continue  # Both ends of a bundle in one system.
        if far is None:
            found.nameless.append(_Nameless(node, port, word, why, _reference(estate, node, word)))
        else:
            place, why = (None, "") if word.protocol == LACP or not far.discovered else far_port(far, word)
            beside = _reference(estate, node, word) if far.discovered else ""
            found.heard.append(_Heard(node, port, word, far, place, why, _text(node, port, word), beside))
    return found


def _reference(estate: Estate, node: Node, word: Word) -> str:
    if not estate.has_references or word.protocol == LACP:
        return ""
    found = estate.told_of(node, word)
    return found.id if found is not None else ""


def pair(one: End, other: End) -> Pair:
    """Both ends in the order of their ports."""
    return (one, other) if (one[1], one[0]) <= (other[1], other[0]) else (other, one)


def cut(text: str) -> str:
    """What evidence quotes of a text: values of the model are bounded, and who chooses names may choose long ones."""
    raw = text.encode()
    return text if len(raw) <= LONGEST_SAID else raw[:LONGEST_SAID].decode(errors="ignore") + "…"


def _found(estate: Estate, word: Word) -> tuple[Node | None, str]:
    """The node that a word identifies, else the reason why it does not."""
    if word.protocol == LACP:
        return estate.by_system(word.chassis)
    by_chassis, why = estate.by_chassis(word.chassis)
    if not word.serial:
        return by_chassis, why
    by_serial, other = estate.by_serial(word.serial)
    if by_chassis is not None and by_serial is not None and by_chassis.id != by_serial.id:
        if by_chassis.discovered:
            return None, f"{word.chassis} is {by_chassis.name}, and the serial number {word.serial} is {by_serial.name}"
        return by_serial, ""
    return by_serial or by_chassis, why or other


def _named(estate: Estate, told: Told, nameless: list[_Nameless]) -> None:
    """Neighbours that only gave a name: a cable where both name each other with each other's very ports, and elsewhere the
    device that is known by this word."""
    if not nameless:
        return
    said: dict[tuple[End, End], _Nameless] = {}
    for each in nameless:
        far = estate.by_name(each.word.system_name) if estate.by_name(each.node.name) is each.node else None
        place = far_port(far, each.word)[0] if far is not None and far is not each.node else None
        if far is not None and place is not None:
            said[(each.near_end, (far.id, place.id))] = each
    resolved: set[tuple[End, str]] = set()
    for (near, far_end), each in said.items():
        by_other = far_end in told.sayers(pair(near, far_end))
        if (far_end, near) in said or by_other:
            told.say(near, far_end, _text(each.node, each.port, each.word))
            resolved.add((near, node_name(each.word.system_name)))
    known = {(end, node_name(estate.nodes[other[0]].name)) for p in told.cables for end, other in (p, p[::-1])}
    for each in nameless:
        near, name = each.near_end, node_name(each.word.system_name)
        if each.word.protocol == LACP:
            continue
        text = _text(each.node, each.port, each.word)
        if (near, name) in resolved or (name and (near, name) in known):
            far = estate.by_name(each.word.system_name)
            told.saw(each.reference, far.id if far is not None else "", text)
            continue
        told.saw(each.reference, "", text)
        if each.reference and not each.why:
            told.say(near, (each.reference, each.reference), text)
        else:
            what = each.word.chassis or each.word.system_name or "it"
            why = each.why or f"{what} identifies nobody that is known"
            told.unplaced.append(Unplaced(each.node.id, each.port.name, why))


def _vouched(told: Told, heard: list[_Heard]) -> None:
    """Let words whose far port is unknown prove, from their end, the cables that lead to their far node."""
    by_end: dict[End, list[_Heard]] = {}
    for each in heard:
        if each.far_port is None and each.far.discovered:
            by_end.setdefault(each.near_end, []).append(each)
    for one, other in list(told.cables):
        for near, far in ((one, other), (other, one)):
            for each in by_end.get(near, ()):
                if each.far.id == far[0]:
                    told.say(near, far, each.text)


def _bundles(told: Told, heard: list[_Heard]) -> None:
    """Cables that LACP alone tells of."""
    if not heard:
        return
    placed = {(end, other[0]) for p in told.cables for end, other in (p, p[::-1])}
    free = [h for h in heard if (h.near_end, h.far.id) not in placed]
    between: dict[tuple[str, str], list[_Heard]] = {}
    for each in free:
        between.setdefault((each.node.id, each.far.id), []).append(each)
    for (here, there), mine in sorted(between.items()):
        theirs = between.get((there, here), [])
        if theirs and here > there:
            continue
        if len(mine) == 1 and len(theirs) == 1:
            _join(told, mine, theirs, mine[0].port, theirs[0].port)
        elif theirs:
            ends = _bundle(mine), _bundle(theirs)
            if ends[0] is not None and ends[1] is not None:
                _join(told, mine, theirs, ends[0], ends[1])
                continue
            for each in (*mine, *theirs):
                told.unplaced.append(Unplaced(each.node.id, each.port.name, "LACP tells no ports, and several fit"))
        else:
            _one_sided(told, mine)


def _join(told: Told, mine: list[_Heard], theirs: list[_Heard], one: Port, other: Port) -> None:
    ends: Pair = ((mine[0].node.id, one.id), (theirs[0].node.id, other.id))
    for each in mine:
        told.say(ends[0], ends[1], each.text)
    for each in theirs:
        told.say(ends[1], ends[0], each.text)


def _bundle(heard: list[_Heard]) -> Port | None:
    """The one bundle that all of these ports are members of."""
    masters = {each.port.master for each in heard}
    return heard[0].node.ports.get(masters.pop()) if len(masters) == 1 else None


def _one_sided(told: Told, mine: list[_Heard]) -> None:
    """What the other end does not say: the bundle there that has the system's address, or its only member."""
    for each in mine:
        address = each.word.chassis.partition(" ")[2]
        found = each.far.lookup.bundles(address)
        members = each.far.lookup.members.get(found[0].name, ()) if found else ()
        if len(found) != 1:
            plain = each.far.lookup.by_mac(address) if not found else ()
            found, members = (plain, ()) if len(plain) == 1 else ((), ())
        if len(found) != 1:
            told.unplaced.append(
                Unplaced(each.node.id, each.port.name, "LACP tells no port, and none has this address")
            )
            continue
        far = members[0] if len(members) == 1 else found[0]
        told.say(each.near_end, (each.far.id, far.id), each.text)


def _left_over(told: Told, heard: Iterable[_Heard]) -> None:
    heard = [each for each in heard if each.why]
    if not heard:
        return
    placed = {(end, other[0]) for p in told.cables for end, other in (p, p[::-1])}
    for each in heard:
        if (each.near_end, each.far.id) not in placed:
            told.unplaced.append(Unplaced(each.node.id, each.port.name, each.why))


def _text(node: Node, port: Port, word: Word) -> str:
    """What was said, by whom: without times, so that it is the same as long as the same is said."""
    told = [
        f"chassis {word.chassis}" if word.chassis and word.protocol != LACP else "",
        f"system {word.chassis}" if word.chassis and word.protocol == LACP else "",
        f"serial {word.serial}" if word.serial else "",
        f"name {word.system_name}" if word.system_name and not word.chassis.startswith(("mac", "component")) else "",
        f"port {word.port_id}" if word.port_id and word.protocol != LACP else "",
        f"described as {word.port_description}"
        if word.port_description and not word.port_id.startswith("text")
        else "",
    ]
    return f"{node.name or node.id} {port.name} by {word.protocol}: {', '.join(t for t in told if t) or 'nothing more'}"


def _order(word: Word) -> tuple[str, ...]:
    return (word.local_port, word.protocol, word.neighbour, word.chassis, word.port_id, word.system_name)
