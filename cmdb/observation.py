"""What a section's body says, checked against the declarations: items by (class, key) and relations.

Pure. Refuses with the JSON pointer of the first thing that is not valid, so that one section's fault never costs another's.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from cmdb.model.batch import Section
from cmdb.model.classes import CLASSES
from cmdb.model.declaration import SUBJECT, Declaration
from cmdb.model.errors import InvalidDocument
from cmdb.model.precedence import rank
from cmdb.model.relationship_types import RELATIONSHIP_TYPES
from cmdb.model.values import MAX_INDEXED_BYTES, MAX_STRING_BYTES, Value, problem

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


def observed(section: Section, subject_class: str, route: str, by_people: bool) -> Observed:
    """Decode and check a section's bodies.

    `by_people` allows references to CIs by id. Raises InvalidDocument.
    """
    if section.mismatch:
        raise InvalidDocument(section.mismatch, f"/sections/{section.name}")
    items: dict[ItemKey, dict[str, Value]] = {}
    relations: list[ObservedRelation] = []
    for part, body in enumerate(section.bodies):
        if body is None:
            raise InvalidDocument(
                "the body is missing and its digest is not the last one accepted: send it", f"/sections/{section.name}"
            )
        at = f"/sections/{section.name}/{part}"
        try:
            document = json.loads(body)
            rows, links = document["items"], document["relations"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise InvalidDocument(f"not a section body: {error!r:.200}", at) from None
        # Escapes are the only way for NUL and surrogates into a JSON text; without them ASCII bytes hold plain strings.
        plain = body.isascii() and b"\\u" not in body
        for number, row in enumerate(rows):
            key, attributes = _item(row, subject_class, route, plain, f"{at}/items/{number}")
            if key[0] not in section.classes:
                raise InvalidDocument(f"class {key[0]} is outside this section's scope", f"{at}/items/{number}/class")
            if key in items:
                raise InvalidDocument(f"{key[0]} {key[1]!r:.200} stands twice", f"{at}/items/{number}")
            items[key] = attributes
        for number, row in enumerate(links):
            relations.append(_relation(row, subject_class, by_people, f"{at}/relations/{number}"))
    return Observed(items, relations)


def _item(row: Any, subject_class: str, route: str, plain: bool, at: str) -> tuple[ItemKey, dict[str, Value]]:
    try:
        declaration = CLASSES[row["class"]]
        attributes = row["attributes"]
    except (KeyError, TypeError):
        raise InvalidDocument(f"no item of a known class: {row!r:.120}", at) from None
    key = row.get("key", SUBJECT)
    if key == SUBJECT:
        if declaration.name != subject_class:
            raise InvalidDocument(f"an item without key must be the subject, a {subject_class}", at)
    elif not isinstance(key, str) or not key or _bad_key(key):
        raise InvalidDocument(
            f"a key must be a text of 1 to {MAX_INDEXED_BYTES} bytes, found {key!r:.120}", f"{at}/key"
        )
    elif declaration.parents and subject_class not in declaration.parents:
        raise InvalidDocument(f"a {declaration.name} is no part of a {subject_class}", f"{at}/class")
    if not isinstance(attributes, dict):
        raise InvalidDocument("attributes must be an object", f"{at}/attributes")
    checks = _checks(declaration, route)
    for name, value in attributes.items():
        expected = checks.get(name)
        if plain and expected == "str" and type(value) is str and len(value) <= MAX_STRING_BYTES:
            continue
        if expected is None:
            raise InvalidDocument(_unknown(declaration, name, route), f"{at}/attributes/{name:.64}")
        why = problem(value, expected)
        if why:
            raise InvalidDocument(why, f"{at}/attributes/{name}")
    return (declaration.name, key), attributes


def _bad_key(key: str) -> bool:
    return bool(problem(key, "str")) or len(key if key.isascii() else key.encode()) > MAX_INDEXED_BYTES


_CHECKS: dict[tuple[str, str], dict[str, str]] = {}


def _checks(declaration: Declaration, route: str) -> dict[str, str]:
    """Type by attribute name, of those that the route may write."""
    found = _CHECKS.get((declaration.name, route))
    if found is None:
        found = {n: a.type for n, a in declaration.attributes.items() if rank(a.group, route) is not None}
        _CHECKS[(declaration.name, route)] = found
    return found


def _unknown(declaration: Declaration, name: str, route: str) -> str:
    if name in declaration.attributes:
        return f"route {route} may not write {declaration.name}.{name}"
    if name in declaration.readings:
        return f"{declaration.name}.{name} is a reading and does not belong among the attributes"
    return f"{declaration.name} has no attribute {name!r:.64}"


def _relation(row: Any, subject_class: str, by_people: bool, at: str) -> ObservedRelation:
    try:
        kind = row["type"]
        ends = [_end(row[side], subject_class, by_people, f"{at}/{side}") for side in ("subject", "object")]
        attributes = row.get("attributes", {})
    except (KeyError, TypeError):
        raise InvalidDocument(f"a relation needs type, subject and object: {row!r:.120}", at) from None
    if kind not in RELATIONSHIP_TYPES:
        raise InvalidDocument(f"no relationship type {kind!r:.64}", f"{at}/type")
    if not isinstance(attributes, dict):
        raise InvalidDocument("attributes must be an object", f"{at}/attributes")
    for name, value in attributes.items():
        declared = RELATION_ATTRIBUTES.get(name)
        why = problem(value, declared) if declared else f"a relation has no attribute {name!r:.64}"
        if why:
            raise InvalidDocument(why, f"{at}/attributes/{name:.64}")
    if isinstance(ends[0], dict) and isinstance(ends[1], dict) and not by_people:
        raise InvalidDocument("one end of a relation must be this host's own", at)
    return ObservedRelation(kind, ends[0], ends[1], attributes)


RELATION_ATTRIBUTES = {"why": "str", "evidence": "str", "strength": "str", "note": "str"}
"""Attributes that a relation may carry."""


def _end(value: Any, subject_class: str, by_people: bool, at: str) -> ItemKey | dict[str, Any]:
    if value == SUBJECT:
        return (subject_class, SUBJECT)
    if isinstance(value, list) and len(value) == 2 and all(isinstance(v, str) for v in value):
        return (value[0], value[1])
    if isinstance(value, dict):
        if set(value) == {"id"} and isinstance(value["id"], str) and by_people:
            return value
        port = value.get("port", 0)
        if (
            isinstance(value.get("address"), str)
            and 0 < len(value["address"]) <= 64
            and value.get("protocol", "") in ("", "tcp", "udp")
            and type(port) is int
            and 0 <= port <= 65535
            and set(value) <= {"address", "protocol", "port", "domain"}
            and isinstance(value.get("domain", ""), str)
        ):
            return value
    raise InvalidDocument(f"no reference to a CI: {value!r:.120}", at)
