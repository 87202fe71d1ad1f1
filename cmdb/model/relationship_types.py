"""Relationship types and how trouble travels over them, as data (model.md section 3).

`RELATIONSHIP_TYPES` has one row a type. `RULES` says, keyed (type, subject class, object class) with "*" for any class,
in which direction trouble travels and what it does at the other end.
"""

from __future__ import annotations

from typing import Optional

from cmdb.model.dataclass import dataclass

LEVELS = ("possible", "at_risk", "degraded", "outage")
"""Levels of impact, mildest first."""


@dataclass(frozen=True)
class RelationshipType:
    """One type: `inverse` reads it from the object's side.

    A `sighted` one is not there because one pass saw it, nor gone because one pass did not (flows). `part` is the end,
    "subject" or "object", that is the part where the type tells containment (Declaration.containment).
    """

    name: str
    inverse: str
    text: str
    sighted: bool = False
    part: Optional[str] = None


@dataclass(frozen=True)
class Effect:
    """What trouble at one end of a relation does at the other, and why."""

    level: str
    text: str


@dataclass(frozen=True)
class Rule:
    """How trouble crosses a relation: `forward` from subject to object, `backward` from object to subject.

    It does not where that is None. `from_part` says that trouble at the part rises to its whole, from where it never
    descends to the part's siblings. Where `some` is set, `backward` holds once all of several are down, and `some` as
    long as only some of them are.
    """

    forward: Optional[Effect] = None
    backward: Optional[Effect] = None
    from_part: bool = False
    some: Optional[Effect] = None


def _types(*rows: RelationshipType) -> dict[str, RelationshipType]:
    return {row.name: row for row in sorted(rows, key=lambda r: r.name)}


RELATIONSHIP_TYPES = _types(
    RelationshipType("CONTAINS", "CONTAINED_IN", "A host or device contains a part.", part="object"),
    RelationshipType("RUNS_ON", "RUNS", "Software runs on a host.", part="subject"),
    RelationshipType("EXPOSES", "EXPOSED_BY", "Software listens on an endpoint."),
    RelationshipType("TALKS_TO", "HEARD_BY", "Client software was seen connected to an endpoint.", sighted=True),
    RelationshipType("DEPENDS_ON", "NEEDED_BY", "A consumer needs an endpoint, software, host, service or group."),
    RelationshipType("USES_CERTIFICATE", "CERTIFICATE_OF", "Software or a host shows a certificate to others."),
    RelationshipType("HAS_ADDRESS", "ADDRESS_OF", "An interface has an address."),
    RelationshipType("IN_SUBNET", "SUBNET_OF", "An address lies in a subnet."),
    RelationshipType("CONNECTS_TO", "CONNECTED_FROM", "Two ports of devices are wired together; stored once."),
    RelationshipType("LINKED_VIA", "LINKS", "An interface of a host is plugged into a port of a device."),
    RelationshipType("SEEN_AS", "SIGHTING_OF", "A device is what its neighbours tell of by reference, as they prove."),
    RelationshipType("MEMBER_OF_VLAN", "VLAN_OF", "Untagged packets of a port belong to a VLAN."),
    RelationshipType("AFFECTS", "AFFECTED_BY", "A change or incident record names a configuration item."),
)

_WITH_WHOLE = Effect("outage", "a part fails with its whole")

RULES: dict[tuple[str, str, str], Rule] = {
    ("RUNS_ON", "*", "*"): Rule(backward=Effect("outage", "software stops with its host")),
    ("CONTAINS", "*", "*"): Rule(_WITH_WHOLE),
    ("CONTAINS", "Host", "FileSystem"): Rule(
        _WITH_WHOLE, Effect("degraded", "a host suffers when one of its file systems fails"), from_part=True
    ),
    ("CONTAINS", "Host", "NetworkInterface"): Rule(
        _WITH_WHOLE, Effect("degraded", "a host suffers when one of its interfaces fails"), from_part=True
    ),
    ("CONTAINS", "Host", "BlockDevice"): Rule(
        _WITH_WHOLE, Effect("degraded", "a host suffers when one of its disks fails"), from_part=True
    ),
    ("CONTAINS", "NetworkDevice", "StackMember"): Rule(
        _WITH_WHOLE, Effect("degraded", "a stack goes on without one of its members"), from_part=True
    ),
    ("CONTAINS", "NetworkDevice", "Module"): Rule(
        _WITH_WHOLE, Effect("degraded", "a device suffers when one of its modules fails"), from_part=True
    ),
    ("LINKED_VIA", "*", "*"): Rule(
        backward=Effect("outage", "an interface is cut off with the port it is plugged into"),
        some=Effect("at_risk", "an interface is still linked to another port, its redundancy is gone"),
    ),
    ("EXPOSES", "*", "*"): Rule(
        Effect("outage", "an endpoint is gone with the software that listens there"),
        Effect("degraded", "software can not be reached at one of its endpoints"),
    ),
    ("TALKS_TO", "*", "*"): Rule(backward=Effect("possible", "a client was seen talking to it")),
    ("USES_CERTIFICATE", "*", "*"): Rule(
        backward=Effect("outage", "nobody trusts who shows a certificate that has expired or was revoked")
    ),
    ("DEPENDS_ON", "*", "*"): Rule(backward=Effect("outage", "a consumer needs it")),
}

SOFT_RULES: dict[str, Rule] = {
    "DEPENDS_ON": Rule(backward=Effect("degraded", "a consumer uses it, and does without when it has to")),
}
"""By type: what holds instead where a relation's `strength` is "soft"."""


ATTACHMENT = Rule(
    backward=Effect("outage", "a host is cut off from the network that its last link leads to"),
    some=Effect("at_risk", "a host is still connected by another link, its redundancy is gone"),
)
"""Between a host (subject) and its interfaces that are linked: instead of the rule of their containment."""

AGGREGATE = Rule(
    forward=Effect("outage", "a port carries nothing without the aggregate that it is a member of"),
    backward=Effect("outage", "an aggregate is down with the last of its members"),
    some=Effect("at_risk", "an aggregate still has another member, its redundancy is gone"),
)
"""Between a bond (subject) and the interfaces that are its members; forward only where the bond's own links are not known."""

MEMBERSHIP = "MEMBER_OF"
"""What a hop between a bond and its member is called: no relation is kept of it, attributes of the interfaces tell it."""

BEHIND = "it is reached by way of its host"
"""Why a part of a host follows that is cut off, or at risk of it: the part itself runs on."""

SEPARATION = "no path over the network is left"
"""Why a consumer is hit whose provider still runs; the level is that of the relation's own rule."""


def rule_for(type_name: str, subject_class: str, object_class: str, soft: bool = False) -> Optional[Rule]:
    """The rule of a relation, the most specific row first, or None where trouble does not travel over it."""
    if soft and type_name in SOFT_RULES:
        return SOFT_RULES[type_name]
    for key in (
        (type_name, subject_class, object_class),
        (type_name, subject_class, "*"),
        (type_name, "*", object_class),
        (type_name, "*", "*"),
    ):
        if key in RULES:
            return RULES[key]
    return None
