"""How trouble travels, written down as plainly as possible: what cmdb/propagation.py is compared with.

No arrays, no cleverness: levels by relaxing every way until nothing changes, paths by looking at all ways a round. What
links and paths over the network do is in reference_wiring.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from cmdb.model.classes import CLASSES
from cmdb.model.relationship_types import BEHIND, LEVELS, RELATIONSHIP_TYPES, rule_for
from tests.cmdb.estate import Estate

State = tuple[str, int]
"""(id, 1 where trouble rose to it from a part, 2 where it was cut off)"""


@dataclass(frozen=True)
class Arc:
    source: str
    target: str
    order: tuple[object, ...]
    type: str
    level: int
    rule: str
    stands: int
    """How trouble stands at the target."""
    descends: bool
    to_sibling: bool = False
    physical: bool = False


@dataclass(frozen=True)
class Ways:
    arcs: list[Arc]
    gates: list[list[Arc]]
    """Trouble passes over all of these arcs together, to their one target, or over none."""


@dataclass(frozen=True)
class Reached:
    level: str
    path: tuple[tuple[str, str | None, str | None], ...]
    """(id, type, rule) from a start on."""


def walk(ways: Ways, starts: set[str]) -> dict[str, Reached]:
    """What trouble at the starts reaches, starts left out."""
    found: dict[str, Reached] = {}
    for level, states in sorted(_by_level(ways, starts).items(), reverse=True):
        distances = distances_of(ways, starts, level)
        for id_ in {id_ for id_, _ in states} - starts - set(found):
            end = min((s for s in distances if s[0] == id_), key=lambda s: (distances[s], s[1]))
            found[id_] = Reached(LEVELS[level - 1], _path(ways, distances, level, end))
    return found


def states_of(ways: Ways, starts: set[str]) -> set[State]:
    """All states that trouble reaches at any level, starts included."""
    return set().union(*_by_level(ways, starts).values())


def arcs_of(estate: Estate) -> list[Arc]:
    """What passes over one containment or relation by itself."""
    arcs: list[Arc] = []
    for item in estate.items.values():
        whole = estate.items.get(item.parent or "")
        if whole is not None:
            type_name = CLASSES[item.class_name].containment
            part_first = RELATIONSHIP_TYPES[type_name].part == "subject"
            subject, object_ = (item, whole) if part_first else (whole, item)
            arcs += _arcs(estate, type_name, subject.id, object_.id, False, True)
    for link in estate.links.values():
        if link.type != "LINKED_VIA":
            arcs += _arcs(
                estate, link.type, link.subject, link.object, link.attributes.get("strength") == "soft", False
            )
    return arcs


def passes(arc: Arc, state: State) -> bool:
    """Whether trouble in this state goes along the arc: what rose does not descend, what cut off does not descend to what
    fails by itself."""
    return arc.source == state[0] and not (
        (state[1] == 1 and arc.descends) or (state[1] == 2 and arc.descends and arc.to_sibling)
    )


def _arcs(estate: Estate, type_name: str, subject: str, object_: str, soft: bool, contained: bool) -> list[Arc]:
    classes = estate.items[subject].class_name, estate.items[object_].class_name
    if not all(CLASSES[name].topology for name in classes):
        return []
    rule = rule_for(type_name, *classes, soft=soft)
    part = RELATIONSHIP_TYPES[type_name].part
    arcs: list[Arc] = []
    for backward, effect in ((False, rule.forward), (True, rule.backward)) if rule else ():
        if rule and effect:
            source, target = (object_, subject) if backward else (subject, object_)
            descends = part == ("subject" if backward else "object")
            order = (contained, type_name, *classes, soft, backward)
            level = LEVELS.index(effect.level) + 1
            rises = rule.from_part and not descends
            physical = type_name == "CONTAINS" and descends and estate.items[target].class_name == "NetworkInterface"
            sibling = descends and rule.from_part
            stands = int(rises)
            arcs.append(Arc(source, target, order, type_name, level, effect.text, stands, descends, sibling, physical))
    return arcs


def _by_level(ways: Ways, starts: set[str]) -> dict[int, set[State]]:
    levels: dict[State, int] = {(start, 0): len(LEVELS) for start in starts}
    while True:
        better: dict[State, int] = {}
        for state, level in levels.items():
            for arc in ways.arcs:
                if passes(arc, state):
                    end = (arc.target, arc.stands)
                    better[end] = max(better.get(end, 0), min(level, arc.level))
        nodes: dict[str, int] = {}
        for (id_, _), level in levels.items():
            nodes[id_] = max(nodes.get(id_, 0), level)
        for gate in ways.gates:
            level = min(nodes.get(arc.source, 0) for arc in gate)
            for arc in gate if level else ():
                end = (arc.target, arc.stands)
                better[end] = max(better.get(end, 0), min(level, arc.level))
        changed = {state: level for state, level in better.items() if level > levels.get(state, 0)}
        if not changed:
            return {level: {s for s, found in levels.items() if found == level} for level in levels.values()}
        levels.update(changed)


def distances_of(ways: Ways, starts: set[str], level: int, physical: bool = False) -> dict[State, int]:
    """Lengths of the shortest paths over what is at least as bad."""
    distances: dict[State, int] = {(start, 0): 0 for start in starts}
    distance = 0
    while True:
        more = {(arc.target, arc.stands) for _, arc in _steps(ways, distances, level, distance, physical)}
        more -= set(distances)
        if not more:
            return distances
        distance += 1
        distances.update(dict.fromkeys(more, distance))


def _steps(
    ways: Ways, distances: dict[State, int], level: int, distance: int, physical: bool = False
) -> list[tuple[State, Arc]]:
    """(state, arc) of each way on from what is so far away."""
    here = [state for state, found in distances.items() if found == distance]
    nodes: dict[str, int] = {}
    for (id_, _), found in distances.items():
        if found <= distance:
            nodes[id_] = min(found, nodes.get(id_, found))
    steps = [(state, arc) for state in here for arc in ways.arcs if passes(arc, state)]
    for gate in ways.gates:
        if all(arc.source in nodes for arc in gate) and max(nodes[arc.source] for arc in gate) == distance:
            steps += [(s, arc) for arc in gate if nodes[arc.source] == distance for s in here if s[0] == arc.source]
    return [(state, arc) for state, arc in steps if arc.level >= level and (arc.physical or not physical)]


def _path(
    ways: Ways, distances: dict[State, int], level: int, end: State
) -> tuple[tuple[str, str | None, str | None], ...]:
    if distances[end] == 0:
        return ((end[0], None, None),)
    state, arc = min(
        (
            (state, arc)
            for state, arc in _steps(ways, distances, level, distances[end] - 1)
            if (arc.target, arc.stands) == end
        ),
        key=lambda found: (found[0], found[1].order),
    )
    rule = BEHIND if state[1] == 2 and arc.descends else arc.rule
    return (*_path(ways, distances, level, state), (end[0], arc.type, rule))
