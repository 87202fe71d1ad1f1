"""Cables that nobody tells of and tables give away: a port with exactly one station, a routed port to one other. Pure.

Such a port leads to the interface that has the station's MAC, where exactly one CI has it, no neighbour protocol speaks at
either end, and the MAC is not alone at another port as well. Members of a bond share its MAC: which of them is plugged in where
can not be known, so the bond itself is joined to as many ports as it has members. An entry that aged out ends nothing, nor does
another port that shows the station while its own one still does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Set
from dataclasses import dataclass, field

from cmdb.cabling_evidence import BUNDLES, STACKED, Estate, Node, Port
from cmdb.model.identity import mac
from cmdb.resolved_cables import far_addresses, only_neighbour, own_addresses, switched
from cmdb.told_cables import End, Pair, Unplaced, cut, pair


@dataclass
class Inferred:
    """Cables by both ends with their evidence. `shown` are those that a table shows now, with the day on which it was read,
    `ended` why others of before are over."""

    cables: dict[Pair, str] = field(default_factory=dict)
    shown: dict[Pair, int | None] = field(default_factory=dict)
    ended: dict[Pair, str] = field(default_factory=dict)
    unplaced: list[Unplaced] = field(default_factory=list)


@dataclass(frozen=True)
class _Seen:
    """One station at a port of a switch: `plug` is where its cable is, `station` the interface that it is."""

    plug: End
    station: End
    text: str
    read_on: int | None


def inferred_cables(
    estate: Estate,
    switches: Collection[str],
    told: Iterable[Pair],
    before: Mapping[Pair, str],
    expired: Collection[Pair],
) -> Inferred:
    """What the tables of these switches give away. `before` are inferred cables that stand, with their evidence; those of
    them that are `expired` were not seen for too long."""
    found = Inferred()
    taken = {end for cable in told for end in cable}
    speaking = {id_ for node in estate.nodes.values() for id_ in node.speaking} | {end[1] for end in taken}
    by_station: dict[End, list[_Seen]] = {}
    behind_switches = switched(estate.nodes[id_] for id_ in switches)
    for id_ in sorted(switches):
        node = estate.nodes[id_]
        for port in sorted(node.ports.values(), key=lambda p: p.name):
            seen = _seen(estate, node, port, speaking) or _resolved(estate, node, port, speaking, behind_switches)
            if seen is not None:
                by_station.setdefault(seen.station, []).append(seen)
    for station, plugs in sorted(by_station.items()):
        if len({s.plug for s in plugs}) > _room(estate, station):
            plugs = _undecided(estate, station, plugs, before, found)
        for seen in plugs:
            cable = pair(seen.plug, seen.station)
            found.cables[cable] = seen.text
            days = [day for day in (found.shown.get(cable), seen.read_on) if day is not None]
            found.shown[cable] = max(days, default=None)
    _keep(estate, switches, speaking, before, expired, by_station, found)
    return found


def _undecided(
    estate: Estate, station: End, plugs: list[_Seen], before: Collection[Pair], found: Inferred
) -> list[_Seen]:
    """Of more ports that show a station than it can be plugged into those where it was already: a trunk that is quiet but for
    this station shows what the port itself shows, and leads there."""
    kept = [s for s in plugs if pair(s.plug, s.station) in before]
    if len({s.plug for s in kept}) > _room(estate, station):
        kept = []
    ports = ", ".join(sorted(_named(estate, s.plug) for s in plugs if s not in kept))
    why = f"it is the only station of several ports: {ports}"
    if kept:
        stays = ", ".join(sorted(_named(estate, s.plug) for s in kept))
        why = f"it is the only station of other ports too: {ports}; the link to {stays} stands"
    found.unplaced.append(Unplaced(station[0], _port(estate, station).name, why))
    return kept


def _keep(
    estate: Estate,
    switches: Collection[str],
    speaking: Collection[str],
    before: Mapping[Pair, str],
    expired: Collection[Pair],
    by_station: Mapping[End, list[_Seen]],
    found: Inferred,
) -> None:
    """Let stand what nothing contradicts, or say why it is over."""
    left: dict[End, list[Pair]] = {}
    for cable in sorted(set(before).difference(found.shown)):
        ends = _plug_first(estate, cable, switches, before[cable])
        why = "one of its ends is gone" if ends is None else _over(estate, ends, speaking)
        if not why and cable in expired:
            why = "the station was not seen there for long"
        if why or ends is None:
            found.ended[cable] = why
        else:
            left.setdefault(ends[1], []).append(cable)
    for station, cables in left.items():
        if len(cables) + len({s.plug for s in by_station.get(station, ())}) > _room(estate, station):
            found.ended.update(dict.fromkeys(cables, "the station is alone at another port now"))
        else:
            found.cables.update((cable, before[cable]) for cable in cables)


def _plug_first(estate: Estate, cable: Pair, switches: Collection[str], text: str) -> Pair | None:
    """The ends of a cable of before, that at the switch first; None where an end is not there any more."""
    if not all(end[0] in estate.nodes and _ports(estate, end[0]).get(end[1]) for end in cable):
        return None
    found = [(plug, station) for plug, station in (cable, cable[::-1]) if plug[0] in switches]
    told = [ends for ends in found if text.startswith(f"{_name(estate.nodes[ends[0][0]])} ")]
    return next(iter(told or found), None)


def _over(estate: Estate, ends: Pair, speaking: Collection[str]) -> str:
    """What contradicts a cable of before, empty where nothing does."""
    (switch, plug), (host, station) = ends
    if plug in speaking or station in speaking:
        return "a neighbour protocol speaks there"
    port, other = _ports(estate, switch)[plug], _ports(estate, host)[station]
    bundle = estate.nodes[switch].ports.get(port.master)
    looked = [
        p for p in (port, *([bundle] if bundle is not None and bundle.kind in BUNDLES else [])) if p.station_count
    ]
    for each in looked:
        own = {mac(m) for m in each.stations or ()} <= {other.mac, other.permanent_mac}
        if each.station_count != 1 or not own:
            return "the port shows another station, or several"
    if far_addresses(port) and not {mac(m) for _, m in port.resolved} <= {None, other.mac, other.permanent_mac}:
        return "the port resolved another station, or several"
    return ""


def _seen(estate: Estate, node: Node, port: Port, speaking: Collection[str]) -> _Seen | None:
    if port.station_count != 1 or port.kind in STACKED or not port.stations or port.id in speaking:
        return None
    address = mac(port.stations[0])
    owners = estate.of_mac(address) - {node.id} if address else set()
    if address is None or len(owners) != 1 or node.id in estate.of_mac(address):
        return None
    owner = estate.nodes[next(iter(owners))]
    members = _members(node, port)
    plug = members[0] if len(members) == 1 else port
    station = _station(owner, address)
    if not owner.discovered or station is None or station.id in speaking or plug.id in speaking:
        return None
    text = (
        f"{_name(node)} {cut(port.name)} shows one station, {address}, which is {_name(owner)} {cut(station.name)}; "
        "no neighbour protocol speaks there"
    )
    return _Seen((node.id, plug.id), (owner.id, station.id), text, port.read_on)


def _resolved(
    estate: Estate, node: Node, port: Port, speaking: Collection[str], behind_switches: Set[str]
) -> _Seen | None:
    """The other end of a routed port's wire, where its table of resolved addresses proves it (resolved_cables.py)."""
    only = only_neighbour(port) if port.resolved and port.kind not in STACKED and not port.station_count else None
    if only is None or port.id in speaking:
        return None
    address, told = only
    owners = estate.of_mac(address)
    if len(owners) != 1 or node.id in owners or not behind_switches.isdisjoint((address, port.mac, port.permanent_mac)):
        return None
    owner = estate.nodes[next(iter(owners))]
    members = _members(node, port)
    plug = members[0] if len(members) == 1 else port
    station = _station(owner, address)
    if not owner.discovered or station is None or station.id in speaking or plug.id in speaking:
        return None
    if not told & _addresses(owner, station, address):
        return None
    text = (
        f"{_name(node)} {cut(port.name)} resolved {min(told)} to {address}, which is {_name(owner)} {cut(station.name)} "
        "and has that address; their subnet has room for nobody else, and no neighbour protocol speaks there"
    )
    return _Seen((node.id, plug.id), (owner.id, station.id), text, port.resolved_on)


def _addresses(owner: Node, station: Port, address: str) -> set[str]:
    """Addresses of an interface, and of the bundle of this MAC that it is the only member of."""
    return {a for each in (station, *owner.lookup.bundles(address)) for a in own_addresses(each)}


def _station(owner: Node, address: str) -> Port | None:
    """The interface that a MAC is of: of a bond with several members the bond."""
    bundles = owner.lookup.bundles(address)
    if len(bundles) == 1:
        members = _members(owner, bundles[0])
        return members[0] if len(members) == 1 else bundles[0]
    found = owner.lookup.by_mac(address)
    return found[0] if len(found) == 1 and found[0].kind not in STACKED else None


def _room(estate: Estate, station: End) -> int:
    """How many cables can be plugged into an interface: as many as a bond has members."""
    port = _port(estate, station)
    return max(1, len(_members(estate.nodes[station[0]], port)))


def _members(node: Node, port: Port) -> list[Port]:
    return node.lookup.members.get(port.name, []) if port.kind in BUNDLES else []


def _ports(estate: Estate, node: str) -> dict[str, Port]:
    return estate.nodes[node].lookup.by_id


def _port(estate: Estate, end: End) -> Port:
    return _ports(estate, end[0])[end[1]]


def _named(estate: Estate, end: End) -> str:
    return f"{_name(estate.nodes[end[0]])} {cut(_port(estate, end).name)}"


def _name(node: Node) -> str:
    """As evidence has it."""
    return cut(node.name or node.id)
