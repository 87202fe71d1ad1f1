"""What a section's body says, checked against the declarations: items by (class, key) and relations.

Pure. Refuses with the JSON pointer of the first thing that is not valid, so that one section's fault never costs another's.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from cmdb.model.batch import DOMAIN, MAX_ITEMS, Section
from cmdb.model.checked import shown, step
from cmdb.model.classes import CLASSES
from cmdb.model.declaration import SUBJECT, Declaration
from cmdb.model.errors import InvalidDocument
from cmdb.model.identity import neighbour_key_problem
from cmdb.model.precedence import PERIODIC, rank
from cmdb.model.relationship_types import RELATIONSHIP_TYPES
from cmdb.model.values import MAX_INDEXED_BYTES, MAX_STRING_BYTES, Value, problem
from cmdb.model.vocabulary import DECLARED, Vocabulary

ItemKey = tuple[str, str]
"""(class, local key); the subject is (its class, ".")."""


@dataclass(slots=True)
class ObservedRelation:
    """A relation of a body; an end is an ItemKey, or the dict of a reference by address or id."""

    type: str
    subject: ItemKey | dict[str, Any]
    object: ItemKey | dict[str, Any]
    attributes: dict[str, Value]


@dataclass(slots=True)
class Observed:
    """A decoded section."""

    items: dict[ItemKey, dict[str, Value]]
    relations: list[ObservedRelation]


def observed(
    section: Section, subject_class: str, route: str, by_people: bool, vocabulary: Vocabulary = DECLARED
) -> Observed:
    """Decode and check a section's bodies.

    `by_people` allows references to CIs by id; `vocabulary` has the store's own attributes. Raises InvalidDocument.
    """
    at = f"/sections/{section.name}"
    if section.mismatch:
        raise InvalidDocument(section.mismatch, at)
    check_scope(section, route)
    made = Observed({}, [])
    for part, body in enumerate(section.bodies):
        if body is None:
            raise InvalidDocument("the body is missing and its digest is not the last one accepted: send it", at)
        try:
            _part(made, section, body, subject_class, route, by_people, vocabulary, f"{at}/{part}")
        except RecursionError:
            raise InvalidDocument("not a section body: nested too deep", f"{at}/{part}") from None
    return made


def check_scope(section: Section, route: str) -> None:
    """Raises InvalidDocument where a section's scope names what there is not, or what its route may not tell; also for one that
    was not collected."""
    at = f"/sections/{section.name}"
    for name in section.classes:
        if name not in CLASSES:
            raise InvalidDocument(f"no class {shown(name)}", f"{at}/scope/classes")
    for name in section.relations:
        if name not in RELATIONSHIP_TYPES:
            raise InvalidDocument(f"no relationship type {shown(name)}", f"{at}/scope/relations")
        if RELATIONSHIP_TYPES[name].part is not None:
            raise InvalidDocument(f"{name} follows from what is part of what, and is not told", f"{at}/scope/relations")
        if name in LINKS and route in PERIODIC:
            raise InvalidDocument(_NOT_TOLD.format(name), f"{at}/scope/relations")


def readings_problem(readings: dict[str, Any]) -> str:
    """Why a section's readings can not be kept, or an empty string where they can.

    Their shape is {"items": [{"class", "key", "readings": {name: value}}]}.
    """
    rows = readings.get("items")
    if set(readings) != {"items"} or not isinstance(rows, list):
        return "readings must be an object with the list items"
    for number, row in enumerate(rows):
        if (
            not isinstance(row, dict)
            or set(row) != {"class", "key", "readings"}
            or not isinstance(row["readings"], dict)
        ):
            return f"items/{number}: readings of an item need class, key and readings"
        declaration = CLASSES.get(row["class"]) if isinstance(row["class"], str) else None
        if declaration is None or problem(row["key"], "str"):
            return f"items/{number}: no item of a known class: {shown(row)}"
        for name, value in row["readings"].items():
            declared = declaration.readings.get(name)
            why = problem(value, declared.type) if declared else "there is no such reading"
            if why:
                return f"items/{number}/readings/{step(name)}: {why}"
    return ""


def _part(
    made: Observed,
    section: Section,
    body: bytes,
    subject_class: str,
    route: str,
    by_people: bool,
    vocabulary: Vocabulary,
    at: str,
) -> None:
    try:
        document = json.loads(body)
        rows, links = document["items"], document["relations"]
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidDocument(f"not a section body: {shown(error)}", at) from None
    for name, listed in (("items", rows), ("relations", links)):
        if not isinstance(listed, list):
            raise InvalidDocument(f"expected a list, found {shown(listed)}", f"{at}/{name}")
        if len(listed) > MAX_ITEMS:
            raise InvalidDocument(f"{len(listed)} rows; split the section at {MAX_ITEMS}", f"{at}/{name}")
    # Escapes are the only way for NUL and surrogates into a JSON text; without them ASCII bytes hold plain strings.
    plain = body.isascii() and b"\\u" not in body
    for number, row in enumerate(rows):
        key, attributes = _item(row, subject_class, route, plain, vocabulary, f"{at}/items/{number}")
        if key[0] not in section.classes:
            raise InvalidDocument(f"class {key[0]} is outside this section's scope", f"{at}/items/{number}/class")
        if key in made.items:
            raise InvalidDocument(f"{key[0]} {shown(key[1])} stands twice", f"{at}/items/{number}")
        made.items[key] = attributes
    seen: set[tuple[Any, ...]] = {_told(r) for r in made.relations}
    for number, row in enumerate(links):
        relation = _relation(row, subject_class, route, by_people, f"{at}/relations/{number}")
        if relation.type not in section.relations:
            raise InvalidDocument(
                f"relationship type {relation.type} is outside this section's scope", f"{at}/relations/{number}/type"
            )
        told = _told(relation)
        if told in seen:
            raise InvalidDocument("a relation stands twice", f"{at}/relations/{number}")
        seen.add(told)
        made.relations.append(relation)


def _told(relation: ObservedRelation) -> tuple[Any, ...]:
    """What tells relations apart: type and ends, with the defaults of a reference filled in."""
    return (relation.type, *(_end_told(end) for end in (relation.subject, relation.object)))


def _end_told(end: ItemKey | dict[str, Any]) -> tuple[Any, ...]:
    if not isinstance(end, dict):
        return end
    if "id" in end:
        return (end["id"],)
    return (end.get("domain", ""), end["address"], end.get("protocol", ""), end.get("port", 0))


def _item(
    row: Any, subject_class: str, route: str, plain: bool, vocabulary: Vocabulary, at: str
) -> tuple[ItemKey, dict[str, Value]]:
    try:
        declaration = CLASSES[row["class"]]
        attributes = row["attributes"]
    except (KeyError, TypeError):
        raise InvalidDocument(f"no item of a known class: {shown(row)}", at) from None
    key = row.get("key", SUBJECT)
    if key == SUBJECT:
        if declaration.name != subject_class:
            raise InvalidDocument(f"an item without key must be the subject, a {subject_class}", at)
    elif not isinstance(key, str) or not key or _bad_key(key):
        raise InvalidDocument(
            f"a key must be a text of 1 to {MAX_INDEXED_BYTES} bytes, found {shown(key)}", f"{at}/key"
        )
    elif declaration.parents and subject_class not in declaration.parents:
        raise InvalidDocument(f"a {declaration.name} is no part of a {subject_class}", f"{at}/class")
    elif declaration.name == "NetworkDevice":
        why = neighbour_key_problem(key)
        if why:
            raise InvalidDocument(f"a device that a neighbour tells of is keyed by what it saw: {why}", f"{at}/key")
    elif declaration.marks:
        raise InvalidDocument(f"a {declaration.name} is told of by a batch of its own", f"{at}/class")
    if not isinstance(attributes, dict):
        raise InvalidDocument("attributes must be an object", f"{at}/attributes")
    if declaration.name == "NetworkDevice":  # It answered itself where it is the subject, whatever is said of that.
        attributes = {**attributes, "discovered": key == SUBJECT}
    checks = _checks(declaration, route)
    if checks is None:
        raise InvalidDocument(f"route {route} may not tell of a {declaration.name}", f"{at}/class")
    own = _own(declaration, route, vocabulary) if vocabulary.own else {}
    for name, value in attributes.items():
        expected = checks.get(name) or own.get(name)
        if plain and expected == "str" and type(value) is str and len(value) <= MAX_STRING_BYTES:
            continue
        if expected is None:
            raise InvalidDocument(_unknown(declaration, name, route), f"{at}/attributes/{step(name)}")
        why = problem(value, expected)
        if why:
            raise InvalidDocument(why, f"{at}/attributes/{step(name)}")
    for name, choices in declaration.choices.items():
        if name in attributes and attributes[name] not in choices:
            raise InvalidDocument(
                f"{shown(attributes[name])} is none of {', '.join(choices)}", f"{at}/attributes/{name}"
            )
    return (declaration.name, key), attributes


def _own(declaration: Declaration, route: str, vocabulary: Vocabulary) -> dict[str, str]:
    """Type by name of the class's own attributes that the route may write."""
    own = vocabulary.own.get(declaration.name, {})
    return {name: a.type for name, a in own.items() if rank(a.group, route) is not None}


def _bad_key(key: str) -> bool:
    return bool(problem(key, "str")) or len(key if key.isascii() else key.encode()) > MAX_INDEXED_BYTES


_CHECKS: dict[tuple[str, str], dict[str, str] | None] = {}


def _checks(declaration: Declaration, route: str) -> dict[str, str] | None:
    """Type by attribute name, of those that the route may write; None where it may not tell of the class at all."""
    try:
        return _CHECKS[(declaration.name, route)]
    except KeyError:
        found = None
        if rank(declaration.type.group, route) is not None:
            found = {n: a.type for n, a in declaration.attributes.items() if rank(a.group, route) is not None}
        _CHECKS[(declaration.name, route)] = found
        return found


def _unknown(declaration: Declaration, name: str, route: str) -> str:
    if name in declaration.attributes:
        return f"route {route} may not write {declaration.name}.{name}"
    if name in declaration.readings:
        return f"{declaration.name}.{name} is a reading and does not belong among the attributes"
    return f"{declaration.name} has no attribute {shown(name)}"


def _relation(row: Any, subject_class: str, route: str, by_people: bool, at: str) -> ObservedRelation:
    try:
        kind = row["type"]
        ends = [_end(row[side], subject_class, by_people, f"{at}/{side}") for side in ("subject", "object")]
        attributes = row.get("attributes", {})
    except (KeyError, TypeError):
        raise InvalidDocument(f"a relation needs type, subject and object: {shown(row)}", at) from None
    if not isinstance(kind, str) or kind not in RELATIONSHIP_TYPES:
        raise InvalidDocument(f"no relationship type {shown(kind)}", f"{at}/type")
    if kind in LINKS and route in PERIODIC:
        raise InvalidDocument(_NOT_TOLD.format(kind), f"{at}/type")
    if not isinstance(attributes, dict):
        raise InvalidDocument("attributes must be an object", f"{at}/attributes")
    for name, value in attributes.items():
        declared = RELATION_ATTRIBUTES.get(name)
        why = problem(value, declared) if declared else f"a relation has no attribute {shown(name)}"
        if why:
            raise InvalidDocument(why, f"{at}/attributes/{step(name)}")
    if "proof" in attributes and route in PERIODIC:
        raise InvalidDocument("the proof of a link follows from what both ends tell", f"{at}/attributes/proof")
    if all(isinstance(end, dict) and "id" not in end for end in ends):
        raise InvalidDocument("one end of a relation must be this host's own", at)
    return ObservedRelation(kind, ends[0], ends[1], attributes)


RELATION_ATTRIBUTES = {"why": "str", "evidence": "str", "strength": "str", "note": "str", "proof": "str"}
"""Attributes that a relation may carry."""

LINKS = frozenset({"CONNECTS_TO", "LINKED_VIA", "SEEN_AS"})
"""What is plugged into what, and whom words of neighbours mean, is derived of what all ends tell: one of them, which may lie, has
no word on it."""
_NOT_TOLD = "{} is derived of what neighbours and forwarding tables tell, and is not told"


def _end(value: Any, subject_class: str, by_people: bool, at: str) -> ItemKey | dict[str, Any]:
    if value == SUBJECT:
        return (subject_class, SUBJECT)
    if isinstance(value, list) and len(value) == 2 and all(isinstance(v, str) for v in value) and value[0] in CLASSES:
        return (value[0], value[1])
    if isinstance(value, dict):
        if set(value) == {"id"} and isinstance(value["id"], str) and by_people:
            return value
        address, port, domain = value.get("address"), value.get("port", 0), value.get("domain", "default")
        if (
            set(value) <= {"address", "protocol", "port", "domain"}
            and isinstance(address, str)
            and 0 < len(address) <= 64
            and not problem(address, "str")
            and value.get("protocol", "") in ("", "tcp", "udp")
            and type(port) is int
            and 0 <= port <= 65535
            and isinstance(domain, str)
            and DOMAIN.match(domain)
        ):
            return value
    raise InvalidDocument(f"no reference to a CI: {shown(value)}", at)
