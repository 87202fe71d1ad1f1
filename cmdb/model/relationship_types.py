"""Relationship types and how trouble travels over them, as data (model.md section 3).

`RELATIONSHIP_TYPES` has one row a type. `RULES` says, keyed (type, subject class, object class) with "*" for any class, in
which direction trouble travels and what it does at the other end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Optional, Tuple

LEVELS = ("possible", "at_risk", "degraded", "outage")
"""Levels of impact, mildest first."""


@dataclass(frozen=True)
class RelationshipType:
    """One type: `inverse` reads it from the object's side; a `sighted` one is not there because one pass saw it, nor gone
    because one pass did not (flows)."""

    name: str
    inverse: str
    text: str
    sighted: bool = False


@dataclass(frozen=True)
class Rule:
    """How trouble crosses a relation: `forward` from subject to object, `backward` from object to subject.

    A level that is None stops there. `from_part` says that the rule lifts trouble from a part to its whole, from where it
    never descends to the part's siblings.
    """

    forward: Optional[str] = None
    backward: Optional[str] = None
    from_part: bool = False
    text: str = ""


def _types(*rows: RelationshipType) -> Dict[str, RelationshipType]:
    return {row.name: row for row in sorted(rows, key=lambda r: r.name)}


RELATIONSHIP_TYPES = _types(
    RelationshipType("CONTAINS", "CONTAINED_IN", "A host or device contains a part."),
    RelationshipType("RUNS_ON", "RUNS", "Software runs on a host."),
    RelationshipType("EXPOSES", "EXPOSED_BY", "Software listens on an endpoint."),
    RelationshipType("TALKS_TO", "HEARD_BY", "Client software was seen connected to a server's endpoint.", sighted=True),
    RelationshipType("DEPENDS_ON", "NEEDED_BY", "A consumer needs an endpoint, software, host, service or group."),
    RelationshipType("HAS_ADDRESS", "ADDRESS_OF", "An interface has an address."),
    RelationshipType("IN_SUBNET", "SUBNET_OF", "An address lies in a subnet."),
    RelationshipType("AFFECTS", "AFFECTED_BY", "A change or incident record names a configuration item."),
)

RULES: Dict[Tuple[str, str, str], Rule] = {
    ("RUNS_ON", "*", "*"): Rule(backward="outage", text="software stops with its host"),
    ("CONTAINS", "*", "*"): Rule(forward="outage", text="a part fails with its whole"),
    ("CONTAINS", "Host", "FileSystem"): Rule("outage", "degraded", True, "a host suffers when a file system fails"),
    ("CONTAINS", "Host", "NetworkInterface"): Rule("outage", "degraded", True, "a host suffers when an interface fails"),
    ("EXPOSES", "*", "*"): Rule("outage", "degraded", False, "an endpoint is gone with the software that listens there"),
    ("TALKS_TO", "*", "*"): Rule(backward="possible", text="a client was seen talking to it"),
    ("DEPENDS_ON", "*", "*"): Rule(backward="outage", text="a consumer declared that it needs this"),
    ("DEPENDS_ON", "*", "*/soft"): Rule(backward="degraded", text="a consumer declared that it uses this"),
}


def rule_for(type_name: str, subject_class: str, object_class: str, soft: bool = False) -> Optional[Rule]:
    """The rule of a relation, the most specific row first, or None where trouble does not travel over it."""
    if soft and (type_name, "*", "*/soft") in RULES:
        return RULES[(type_name, "*", "*/soft")]
    for key in (
        (type_name, subject_class, object_class),
        (type_name, subject_class, "*"),
        (type_name, "*", object_class),
        (type_name, "*", "*"),
    ):
        if key in RULES:
            return RULES[key]
    return None
