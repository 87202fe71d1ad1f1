"""The kinds of arcs of the impact topology: the rule table (relationship_types.py) spelled out by code, for arrays.

A crossing is one relation in one direction in which its rule lets trouble pass, of ends of two given classes. Its code
is an index into CROSSINGS and into the arrays beside it. Crossings over which trouble passes by what else is down (links,
aggregates, paths over the network) come last, and have codes of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from cmdb.model.classes import CLASSES
from cmdb.model.relationship_types import (
    AGGREGATE,
    ATTACHMENT,
    LEVELS,
    MEMBERSHIP,
    RELATIONSHIP_TYPES,
    SEPARATION,
    Effect,
    Rule,
    rule_for,
)

TOPOLOGY_CLASSES = tuple(name for name, declared in CLASSES.items() if declared.topology)
CLASS_CODES = {name: code for code, name in enumerate(TOPOLOGY_CLASSES)}


@dataclass(frozen=True, slots=True)
class Crossing:
    """What trouble at the source of an arc does at its target, over a relation of a type.

    `level` counts from 1, the mildest of LEVELS. Trouble `rises` from a part to its whole, and does not descend from
    there; it `descends` from a whole to its part. What it `cuts` off runs on, but is not reached any more: from there
    trouble descends to all but to parts from which it might have risen. `physical` trouble stops what passes packets on.
    """

    type: str
    effect: Effect
    level: int
    rises: bool = False
    descends: bool = False
    cuts: bool = False
    physical: bool = False


WIRES = ("CONNECTS_TO", "LINKED_VIA")
"""Relationship types that tell what is plugged into what: no arcs, but what attachments.py and separation.py go by."""

TYPES = tuple(
    name
    for name in RELATIONSHIP_TYPES
    if name not in WIRES
    and any(rule_for(name, subject, object_) for subject in TOPOLOGY_CLASSES for object_ in TOPOLOGY_CLASSES)
)
"""Relationship types over which trouble travels from one end to the other, whatever else is down."""
TYPE_CODES = {name: code for code, name in enumerate(TYPES)}

_Code = TypeVar("_Code", int, npt.NDArray[np.int32])


def crossing_code(contained: int, type_: _Code, subject: _Code, object_: _Code, soft: _Code, backward: int) -> _Code:
    """The code of a crossing: of a containment or a relation, of codes of type and classes, from subject or from
    object.

    Codes of relations (not contained) of one type lie together, in the order of types.
    """
    return ((((contained * len(TYPES) + type_) * _CLASSES + subject) * _CLASSES + object_) * 2 + soft) * 2 + backward


def _crossing(code: int) -> Crossing | None:
    code, backward = divmod(code, 2)
    code, soft = divmod(code, 2)
    code, object_ = divmod(code, _CLASSES)
    code, subject = divmod(code, _CLASSES)
    declared = RELATIONSHIP_TYPES[TYPES[code % len(TYPES)]]
    rule = rule_for(declared.name, TOPOLOGY_CLASSES[subject], TOPOLOGY_CLASSES[object_], soft=bool(soft))
    effect = rule and (rule.backward if backward else rule.forward)
    if not rule or not effect:
        return None
    descends = declared.part == ("subject" if backward else "object")
    rises = rule.from_part and not descends
    to_port = declared.part == "object" and not backward and TOPOLOGY_CLASSES[object_] == "NetworkInterface"
    return Crossing(declared.name, effect, LEVELS.index(effect.level) + 1, rises, descends, physical=to_port)


def _by_number(type_name: str, effect: Effect | None, **how: bool) -> Crossing:
    assert effect is not None, f"{type_name} has no such effect"
    return Crossing(type_name, effect, LEVELS.index(effect.level) + 1, **how)


def _rule(type_name: str, soft: bool = False) -> Rule:
    rule = rule_for(type_name, "*", "*", soft)
    assert rule, f"{type_name} has no rule"
    return rule


def _separated(type_name: str, soft: bool) -> Crossing:
    provider = _rule(type_name, soft).backward
    assert provider, f"nothing passes from the provider of {type_name}"
    return _by_number(type_name, Effect(provider.level, SEPARATION))


_CLASSES = len(TOPOLOGY_CLASSES)
RELATED = crossing_code(2, 0, 0, 0, 0, 0)
"""The first code that is none of a containment or relation by itself."""

# Of two ways between the same two ends the one with the lower code is told: so "some" comes before "all".
LINK_SOME, LINK_ALL, MEMBER_SOME, MEMBER_ALL, OF_AGGREGATE, ATTACHED_SOME, ATTACHED_ALL = range(RELATED, RELATED + 7)
SEPARATED = {
    key: ATTACHED_ALL + 1 + number
    for number, key in enumerate([("DEPENDS_ON", False), ("DEPENDS_ON", True), ("TALKS_TO", False)])
}
"""By type of a dependency and whether it is soft."""

CROSSINGS: list[Crossing | None] = [
    *(_crossing(code) for code in range(RELATED)),
    _by_number("LINKED_VIA", _rule("LINKED_VIA").some, cuts=True),
    _by_number("LINKED_VIA", _rule("LINKED_VIA").backward, cuts=True, physical=True),
    _by_number(MEMBERSHIP, AGGREGATE.some, rises=True),
    _by_number(MEMBERSHIP, AGGREGATE.backward, rises=True, physical=True),
    _by_number(MEMBERSHIP, AGGREGATE.forward, descends=True, physical=True),
    _by_number("CONTAINS", ATTACHMENT.some, cuts=True),
    _by_number("CONTAINS", ATTACHMENT.backward, cuts=True),
    *(_separated(*key) for key in SEPARATED),
]
"""By code; None where trouble does not pass."""
LEVEL_OF = np.array([crossing.level if crossing else 0 for crossing in CROSSINGS], np.int8)
RISES = np.array([bool(crossing and crossing.rises) for crossing in CROSSINGS])
DESCENDS = np.array([bool(crossing and crossing.descends) for crossing in CROSSINGS])
PHYSICAL = np.array([bool(crossing and crossing.physical) for crossing in CROSSINGS])

PLAIN, RISEN, CUT = 0, 1, 2
"""How trouble stands at a CI: what rose there from a part, or cut it off, does not descend to all of it."""
STATES = 3
STATE_OF = np.array([0 if not c else RISEN if c.rises else CUT if c.cuts else PLAIN for c in CROSSINGS], np.int32)
"""By code, how trouble stands at the target."""


def _to_sibling(code: int) -> bool:
    """Whether a crossing leads to a part from which trouble would rise to its whole."""
    back = CROSSINGS[code ^ 1] if code < RELATED else None
    return bool(back and back.rises)


BLOCKED = np.array(
    [
        np.zeros(len(CROSSINGS), np.bool_),
        DESCENDS,
        [bool(DESCENDS[c]) and _to_sibling(c) for c in range(len(CROSSINGS))],
    ]
)
"""By how trouble stands at the source and by code, whether it does not pass."""

INTERFACE = CLASS_CODES["NetworkInterface"]
WHOLES = np.array([CLASS_CODES["Host"], CLASS_CODES["NetworkDevice"]], np.int32)
"""Classes of what stands in the network, by itself."""

CONTAINMENT_TYPE = np.array([TYPE_CODES.get(CLASSES[name].containment, -1) for name in TOPOLOGY_CLASSES], np.int32)
"""By class, the type of its containment, -1 where trouble does not travel over that."""
PART_IS_SUBJECT = np.array([RELATIONSHIP_TYPES[CLASSES[n].containment].part == "subject" for n in TOPOLOGY_CLASSES])
"""By class, which end of its containment it is."""

SUFFERS = crossing_code(1, TYPE_CODES["CONTAINS"], CLASS_CODES["Host"], INTERFACE, 0, 1)
"""The code by which a host suffers when one of its interfaces fails. Of interfaces that are linked, attachments tell."""

SEPARATED_OF = np.full(len(CROSSINGS), -1, np.int32)
"""By code of a dependency, from provider to consumer, that of a loss of all paths between the two; -1 of others."""
for _code, _found in enumerate(CROSSINGS[:RELATED]):
    if _found and _code & 1 and _found.type in ("DEPENDS_ON", "TALKS_TO"):
        SEPARATED_OF[_code] = SEPARATED.get((_found.type, bool(_code >> 1 & 1)), SEPARATED[_found.type, False])
