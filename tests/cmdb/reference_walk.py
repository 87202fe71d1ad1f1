"""How trouble travels, written down as plainly as possible: what cmdb/propagation.py is compared with.

No arrays, no cleverness: levels by relaxing every arc until nothing changes, paths by looking at all arcs a round.
"""

from __future__ import annotations

from dataclasses import dataclass

from cmdb.model.classes import CLASSES
from cmdb.model.relationship_types import LEVELS, RELATIONSHIP_TYPES, rule_for
from tests.cmdb.estate import Estate

State = tuple[str, bool]
"""(id, whether trouble rose to it from a part)"""


@dataclass(frozen=True)
class Arc:
    source: str
    target: str
    order: tuple[object, ...]
    type: str
    level: int
    rule: str
    rises: bool
    descends: bool


@dataclass(frozen=True)
class Reached:
    level: str
    path: tuple[tuple[str, str | None, str | None], ...]
    """(id, type, rule) from a start on."""


def walk(estate: Estate, starts: set[str]) -> dict[str, Reached]:
    """What trouble at the starts reaches, starts left out."""
    arcs = arcs_of(estate)
    found: dict[str, Reached] = {}
    for level, states in sorted(_by_level(arcs, starts).items(), reverse=True):
        distances = _distances(arcs, starts, level)
        for id_ in {id_ for id_, _ in states} - starts - set(found):
            end = min((s for s in distances if s[0] == id_), key=lambda s: (distances[s], s[1]))
            found[id_] = Reached(LEVELS[level - 1], _path(arcs, distances, level, end))
    return found


def states_of(estate: Estate, starts: set[str]) -> set[State]:
    """All states that trouble reaches at any level, starts included."""
    return set().union(*_by_level(arcs_of(estate), starts).values())


def arcs_of(estate: Estate) -> list[Arc]:
    arcs: list[Arc] = []
    for item in estate.items.values():
        whole = estate.items.get(item.parent or "")
        if whole is not None:
            type_name = CLASSES[item.class_name].containment
            part_first = RELATIONSHIP_TYPES[type_name].part == "subject"
            subject, object_ = (item, whole) if part_first else (whole, item)
            arcs += _arcs(estate, type_name, subject.id, object_.id, False, True)
    for link in estate.links.values():
        arcs += _arcs(estate, link.type, link.subject, link.object, link.attributes.get("strength") == "soft", False)
    return arcs


def passes(arc: Arc, state: State) -> bool:
    """Whether trouble in this state goes along the arc: what rose does not descend."""
    return arc.source == state[0] and not (state[1] and arc.descends)


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
            arcs.append(Arc(source, target, order, type_name, level, effect.text, rises, descends))
    return arcs


def _by_level(arcs: list[Arc], starts: set[str]) -> dict[int, set[State]]:
    levels: dict[State, int] = {(start, False): len(LEVELS) for start in starts}
    while True:
        better = {
            (arc.target, arc.rises): min(level, arc.level)
            for state, level in levels.items()
            for arc in arcs
            if passes(arc, state) and levels.get((arc.target, arc.rises), 0) < min(level, arc.level)
        }
        if not better:
            break
        for state, level in better.items():
            levels[state] = max(level, levels.get(state, 0))
    return {level: {s for s, found in levels.items() if found == level} for level in levels.values()}


def _distances(arcs: list[Arc], starts: set[str], level: int) -> dict[State, int]:
    distances: dict[State, int] = {(start, False): 0 for start in starts}
    while True:
        more = {
            (arc.target, arc.rises): distance + 1
            for state, distance in distances.items()
            for arc in arcs
            if arc.level >= level and passes(arc, state) and (arc.target, arc.rises) not in distances
            if distance == max(distances.values())
        }
        if not more:
            return distances
        distances.update(more)


def _path(
    arcs: list[Arc], distances: dict[State, int], level: int, end: State
) -> tuple[tuple[str, str | None, str | None], ...]:
    if distances[end] == 0:
        return ((end[0], None, None),)
    state, arc = min(
        (
            (state, arc)
            for state, distance in distances.items()
            for arc in arcs
            if distance == distances[end] - 1 and arc.level >= level and passes(arc, state)
            if (arc.target, arc.rises) == end
        ),
        key=lambda found: (found[0], found[1].order),
    )
    return (*_path(arcs, distances, level, state), (end[0], arc.type, arc.rule))
