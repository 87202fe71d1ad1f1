"""The kinds of arcs of the impact topology: the rule table (relationship_types.py) spelled out by code, for arrays.

A crossing is one relation in one direction in which its rule lets trouble pass, of ends of two given classes. Its code
is an index into CROSSINGS and into the arrays beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from cmdb.model.classes import CLASSES
from cmdb.model.relationship_types import LEVELS, RELATIONSHIP_TYPES, Effect, rule_for

TOPOLOGY_CLASSES = tuple(name for name, declared in CLASSES.items() if declared.topology)
CLASS_CODES = {name: code for code, name in enumerate(TOPOLOGY_CLASSES)}


@dataclass(frozen=True, slots=True)
class Crossing:
    """What trouble at the source of an arc does at its target, over a relation of a type.

    `level` counts from 1, the mildest of LEVELS. Trouble `rises` from a part to its whole, and does not descend from
    there; it `descends` from a whole to its part.
    """

    type: str
    effect: Effect
    level: int
    rises: bool
    descends: bool


TYPES = tuple(
    name
    for name in RELATIONSHIP_TYPES
    if any(rule_for(name, subject, object_) for subject in TOPOLOGY_CLASSES for object_ in TOPOLOGY_CLASSES)
)
"""Relationship types over which trouble travels."""
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
    return Crossing(declared.name, effect, LEVELS.index(effect.level) + 1, rule.from_part and not descends, descends)


_CLASSES = len(TOPOLOGY_CLASSES)
CROSSINGS = [_crossing(code) for code in range(crossing_code(2, 0, 0, 0, 0, 0))]
"""By code; None where trouble does not pass."""
LEVEL_OF = np.array([crossing.level if crossing else 0 for crossing in CROSSINGS], np.int8)
RISES = np.array([bool(crossing and crossing.rises) for crossing in CROSSINGS])
DESCENDS = np.array([bool(crossing and crossing.descends) for crossing in CROSSINGS])

CONTAINMENT_TYPE = np.array([TYPE_CODES.get(CLASSES[name].containment, -1) for name in TOPOLOGY_CLASSES], np.int32)
"""By class, the type of its containment, -1 where trouble does not travel over that."""
PART_IS_SUBJECT = np.array([RELATIONSHIP_TYPES[CLASSES[n].containment].part == "subject" for n in TOPOLOGY_CLASSES])
"""By class, which end of its containment it is."""
