"""What links, aggregates and paths over the network do, written down as plainly as possible, host by host and pair by pair:
what cmdb/attachments.py and cmdb/separation.py are compared with."""

from __future__ import annotations

import ipaddress

from cmdb.cabling import SEGMENT
from cmdb.model.classes import CLASSES
from cmdb.model.relationship_types import AGGREGATE, ATTACHMENT, LEVELS, RULES, SEPARATION, Effect, Rule
from cmdb.states import Item
from tests.cmdb.estate import Estate
from tests.cmdb.reference_walk import Arc, Ways, arcs_of, distances_of

WHOLES = ("Host", "NetworkDevice")


def ways_of(estate: Estate, starts: set[str]) -> Ways:
    """All that trouble may take from these starts."""
    ports = {i: item for i, item in estate.items.items() if item.class_name == "NetworkInterface"}
    bonds = {i for i, item in ports.items() if item.attributes.get("kind") == "bond"}
    links: dict[str, list[str]] = {}
    for link in estate.links.values():
        if link.attributes.get("note") == SEGMENT:
            continue
        if link.type == "LINKED_VIA" and {link.subject, link.object} <= _topology(estate):
            links.setdefault(link.subject, []).append(link.object)
    members = {b: [i for i in ports if b in _above(ports, i) and i not in bonds] for b in bonds}
    arcs, gates = arcs_of(estate), list[list[Arc]]()
    through: set[str] = set()
    known = set(links)
    for bond, all_ in members.items():
        linked = [i for i in all_ if i in links]
        through.update(linked)
        known.update([bond] if linked else [])
    for id_ in known | bonds:
        of_bond = [i for i in members.get(id_, []) if id_ not in known or i in links]
        gate = [_way("LINKED_VIA", RULES["LINKED_VIA", "*", "*"], port, id_, 1, 2) for port in links.get(id_, [])]
        gate += [_way("MEMBER_OF", AGGREGATE, i, id_, 3, 1) for i in of_bond]
        gates += ([gate] if gate else []) if id_ in bonds else [[way] for way in gate]
        if id_ not in known:
            for i in of_bond:
                arcs.append(_arc("MEMBER_OF", AGGREGATE.forward, id_, i, 4, 0, descends=True, physical=True))
    of_host: dict[tuple[str, object], set[str]] = {}
    for id_ in known - through:
        host = ports[id_].parent if id_ in ports else None
        if host is not None and _class(estate, host) == "Host":
            for subnet in _subnets(ports, id_) or {id_}:
                of_host.setdefault((host, subnet), set()).add(id_)
    gates += [
        [_way("CONTAINS", ATTACHMENT, i, host, 6, 2, physical=False) for i in inputs]
        for (host, _), inputs in of_host.items()
    ]
    for gate in gates:
        for arc in gate:
            rule = {1: RULES["LINKED_VIA", "*", "*"], 3: AGGREGATE, 6: ATTACHMENT}[_number(arc)]
            arcs.append(_arc(arc.type, rule.some, arc.source, arc.target, _number(arc) - 1, arc.stands))
    decided = {i for i in known | through if i in ports and _class(estate, ports[i].parent) == "Host"}
    arcs = [
        arc
        for arc in arcs
        if not (arc.source in decided and arc.type == "CONTAINS" and arc.stands == 1 and arc.order[0] is True)
    ]
    ways = Ways(arcs, gates)
    return Ways(arcs + _separated(estate, ways, starts), gates)


def _separated(estate: Estate, ways: Ways, starts: set[str]) -> list[Arc]:
    found = distances_of(ways, starts, len(LEVELS), physical=True)
    down = {id_: min(d for (i, _), d in found.items() if i == id_) for id_, _ in found}
    wires: list[tuple[str, str, str, str]] = []
    hanging: list[tuple[str, str, str, str]] = []
    for link in estate.links.values():
        shared = link.attributes.get("note") == SEGMENT
        if (
            link.type in ("CONNECTS_TO", "LINKED_VIA")
            and not shared
            and {link.subject, link.object} <= _topology(estate)
        ):
            a, b = _whole(estate, link.subject), _whole(estate, link.object)
            if a and b and a != b:
                only_hangs = link.type == "LINKED_VIA" and _class(estate, a) == "Host"
                (hanging if only_hangs else wires).append((a, link.subject, b, link.object))
    left, still = ([w for w in each if not set(w) & set(down)] for each in (wires, hanging))
    arcs: list[Arc] = []
    for link in estate.links.values():
        if link.type in ("DEPENDS_ON", "TALKS_TO") and {link.subject, link.object} <= _topology(estate):
            consumer, provider = _whole(estate, link.subject), _whole(estate, link.object)
            if not consumer or not provider or {consumer, provider} & set(down):
                continue
            piece = _joined(left, still, consumer)
            met = _joined(wires, hanging, consumer) & _joined(wires, hanging, provider)
            if met and not piece & _joined(left, still, provider):
                beside = {
                    end
                    for wire in wires + hanging
                    for here, there in ((wire[0], wire[1:]), (wire[2], (wire[3], wire[1], wire[0])))
                    if here in piece
                    for end in there
                    if end in down
                }
                nearest = min(beside, key=lambda id_: (down[id_], id_))
                soft = link.type == "DEPENDS_ON" and link.attributes.get("strength") == "soft"
                level = "possible" if link.type == "TALKS_TO" else "degraded" if soft else "outage"
                number = 7 + (2 if link.type == "TALKS_TO" else int(soft))
                arcs.append(_arc(link.type, Effect(level, SEPARATION), nearest, link.subject, number, 0))
    return arcs


def _joined(wires: list[tuple[str, str, str, str]], hanging: list[tuple[str, str, str, str]], start: str) -> set[str]:
    """Where something is: with what it is wired to, and with what that is wired to at which it hangs."""
    found = {start} | {device for host, _, device, _ in hanging if host == start}
    while more := {end for a, _, b, _ in wires if {a, b} & found for end in (a, b)} - found:
        found |= more
    return found


def _way(type_name: str, rule: Rule, source: str, target: str, number: int, stands: int, physical: bool = True) -> Arc:
    return _arc(type_name, rule.backward, source, target, number, stands, physical=physical)


def _arc(
    type_name: str,
    effect: Effect | None,
    source: str,
    target: str,
    number: int,
    stands: int,
    descends: bool = False,
    physical: bool = False,
) -> Arc:
    assert effect
    level = LEVELS.index(effect.level) + 1
    return Arc(source, target, (2, number), type_name, level, effect.text, stands, descends, physical=physical)


def _number(arc: Arc) -> int:
    number = arc.order[1]
    assert isinstance(number, int)
    return number


def _topology(estate: Estate) -> set[str]:
    return {i for i, item in estate.items.items() if CLASSES[item.class_name].topology}


def _class(estate: Estate, id_: str | None) -> str:
    item = estate.items.get(id_ or "")
    return item.class_name if item else ""


def _whole(estate: Estate, id_: str) -> str | None:
    while _class(estate, id_) not in WHOLES:
        parent = estate.items[id_].parent
        if parent is None or parent not in estate.items:
            return None
        id_ = parent
    return id_


def _above(ports: dict[str, Item], id_: str) -> set[str]:
    """What stands on an interface."""
    item = ports[id_]
    found: set[str] = set()
    for other in ports.values():
        lower = other.attributes.get("lower")
        standing = other.key == item.attributes.get("master") or (isinstance(lower, list) and item.key in lower)
        if standing and other.parent == item.parent and other.id != id_:
            found.add(other.id)
    return found


def _subnets(ports: dict[str, Item], id_: str) -> set[object]:
    standing = {id_}
    while more := {above for each in standing for above in _above(ports, each)} - standing:
        standing |= more
    found: set[object] = set()
    for each in standing:
        for address in ports[each].attributes.get("addresses") or []:  # type: ignore[union-attr]
            network = ipaddress.ip_interface(str(address)).network
            if not network.is_link_local and network.num_addresses > 1:
                found.add(network)
    return found
