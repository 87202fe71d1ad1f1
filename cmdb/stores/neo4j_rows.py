"""Nodes and relationships of the Neo4j store and the port's values, one into the other.

A CI's attributes are properties of the same name and type. Beside them stand `id`, `since`, `name` where the class has no
attribute of that name, `key` where the CI is no part of another, and properties of ours that begin with "_": `_part` (parent
id, class and key of a part), `_seal` (salt and digest), `_born` where that is not `since`, `_not_before`, `_scope`,
`_identifiers`, and what search compares (neo4j_search.py). Past states, which nobody queries by attribute, keep theirs as
canonical JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cmdb.model.classes import CLASSES
from cmdb.model.values import canonical
from cmdb.model.vocabulary import may_be_own
from cmdb.observation import RELATION_ATTRIBUTES
from cmdb.reconcile import item_name
from cmdb.states import Claim, Coverage, Entry, Item, Link, LinkKey, Pending, Raw, Retirement, Revision, Scope
from cmdb.stores.neo4j_search import search_properties

Properties = dict[str, Any]

RESERVED = ("id", "since")
"""Natural properties that no attribute of a CI or relation may be called by."""

KEY = {name: "_key" if "key" in c.attributes else "key" for name, c in CLASSES.items()}
"""The property that has an independent CI's key, by class."""

_OURS = {name: {*RESERVED, *({"name", "key"} - set(declared.attributes))} for name, declared in CLASSES.items()}


def part_key(parent: str, class_name: str, key: str) -> str:
    """What tells a part from all others. Ids and class names hold no space."""
    return f"{parent} {class_name} {key}"


def seal(salt: bytes, digest: bytes) -> bytes:
    """Salt and digest in one property: the salt's length, the salt, the digest."""
    return bytes([len(salt)]) + salt + digest


def item_properties(item: Item) -> Properties:
    """The properties of a CI's node."""
    declared = CLASSES[item.class_name].attributes
    strange = [name for name in item.attributes.keys() - declared.keys() if not may_be_own(item.class_name, name)]
    if strange:
        raise ValueError(f"{item.class_name} declares no {sorted(strange)}, and no own attribute may be called so")
    found: Properties = dict(item.attributes)
    found["id"] = item.id
    found["since"] = item.since
    if "name" not in declared:
        found["name"] = item.name
    if item.parent is None:
        found[KEY[item.class_name]] = item.key
    else:
        found["_part"] = part_key(item.parent, item.class_name, item.key)
    found["_seal"] = seal(item.salt, item.digest)
    if item.born != item.since:
        found["_born"] = item.born
    if item.not_before is not None:
        found["_not_before"] = item.not_before
    if item.scope is not None:
        found["_scope"] = item.scope
    if item.identifiers:
        found["_identifiers"] = item.identifiers
    search_properties(item, found)
    return found


def changes(old: Properties, new: Properties) -> Properties:
    """What to set on a node that has the properties `old` so that it has `new`: None takes one away.

    The claimant is always set: it changes without a new state.
    """
    found: Properties = {"_scope": new.get("_scope")}
    found.update(dict.fromkeys(old.keys() - new.keys()))
    found |= {n: v for n, v in new.items() if n not in old or old[n] != v or type(old[n]) is not type(v)}
    return found


def item(row: list[Any]) -> Item:
    """An Item of (properties, labels)."""
    found: Properties = row[0]
    class_name = next(label for label in row[1] if label != "CI")
    if "_part" in found:
        parent, _, key = found["_part"].split(" ", 2)
    else:
        parent, key = None, found[KEY[class_name]]
    ours = _OURS[class_name]
    attributes = {n: found[n] for n in sorted(found) if n[0] != "_" and n not in ours}
    salt, digest = _unsealed(found["_seal"])
    return Item(
        found["id"],
        class_name,
        parent,
        key,
        item_name(class_name, key, attributes),
        attributes,
        salt,
        digest,
        found["since"],
        found["_born"] if "_born" in found else found["since"],
        found.get("_not_before"),
        found.get("_scope"),
        found.get("_identifiers", []),
    )


def past_properties(state: Item, until: int, end: Retirement | None) -> Properties:
    """The properties of a state that ended with `until`: by `end`, or superseded."""
    return {
        "id": state.id,
        "until": until,
        "since": state.since,
        "born": state.born,
        "class": state.class_name,
        "parent": state.parent,
        "key": state.key,
        "attributes": state.text or canonical(state.attributes),
        "identifiers": state.identifiers or None,
        "seal": seal(state.salt, state.digest),
        "not_before": state.not_before,
        "scope": state.scope,
        "retired": end is not None,
        "witness": end.witness if end else None,
        "ended_not_before": end.not_before if end else None,
        "retired_part": part_key(state.parent, state.class_name, state.key) if end and state.parent else None,
        "freed": None if state.salt else True,
    }


def past(found: Properties) -> Item:
    """An Item of the properties of a past state."""
    attributes = json.loads(found["attributes"])
    salt, digest = _unsealed(found["seal"])
    return Item(
        found["id"],
        found["class"],
        found.get("parent"),
        found["key"],
        item_name(found["class"], found["key"], attributes),
        attributes,
        salt,
        digest,
        found["since"],
        found["born"],
        found.get("not_before"),
        found.get("scope"),
        found.get("identifiers", []),
        found["until"],
        "retired" if found["retired"] else "updated",
        found.get("witness"),
        found.get("ended_not_before"),
        text=found["attributes"],
    )


def link_properties(link: Link) -> Properties:
    """The properties of a relationship; containment has `since` alone."""
    if not link.attributes.keys() <= RELATION_ATTRIBUTES.keys():
        raise ValueError(f"a relation has no {sorted(link.attributes.keys() - RELATION_ATTRIBUTES.keys())}")
    return {
        **link.attributes,
        "since": link.since,
        "_seal": seal(link.salt, link.digest),
        "_not_before": link.not_before,
        "_scope": link.scope,
    }


def link(row: list[Any]) -> Link:
    """A Link of (type, subject id, object id, properties)."""
    type_name, subject, object_, found = row
    salt, digest = _unsealed(found["_seal"])
    attributes = {n: found[n] for n in sorted(found) if n[0] != "_" and n not in RESERVED}
    return Link(
        type_name,
        subject,
        object_,
        attributes,
        salt,
        digest,
        found["since"],
        found.get("_not_before"),
        found.get("_scope"),
    )


def past_link_properties(state: Link, until: int, end: Retirement | None) -> Properties:
    """The properties of a link's state that ended with `until`."""
    return {
        "type": state.type,
        "subject": state.subject,
        "object": state.object,
        "until": until,
        "since": state.since,
        "attributes": canonical(state.attributes),
        "seal": seal(state.salt, state.digest),
        "not_before": state.not_before,
        "scope": state.scope,
        "retired": end is not None,
        "witness": end.witness if end else None,
        "ended_not_before": end.not_before if end else None,
        "freed": None if state.salt else True,
    }


def past_link(found: Properties) -> Link:
    """A Link of the properties of a past state."""
    salt, digest = _unsealed(found["seal"])
    return Link(
        found["type"],
        found["subject"],
        found["object"],
        json.loads(found["attributes"]),
        salt,
        digest,
        found["since"],
        found.get("not_before"),
        found.get("scope"),
        found["until"],
        "retired" if found["retired"] else "updated",
        found.get("witness"),
        found.get("ended_not_before"),
    )


def scope_properties(value: Scope) -> Properties:
    return {**_fields(value), "cost": json.dumps(value.cost)}


def scope(found: Properties) -> Scope:
    return Scope(**{**found, "cost": json.loads(found["cost"])})


def coverage_properties(value: Coverage) -> Properties:
    return _fields(value)


def coverage(found: Properties) -> Coverage:
    return Coverage(**found)


def target(of: str | LinkKey) -> str:
    """How a claim names what it speaks of."""
    return of if isinstance(of, str) else " ".join(of)


def claim_properties(value: Claim) -> Properties:
    return {
        "target": target(value.target),
        "scope": value.scope,
        "attributes": canonical(value.attributes),
        "identifiers": value.identifiers,
    }


def claim(found: Properties) -> Claim:
    of: str | LinkKey = found["target"]
    if " " in found["target"]:
        subject, type_name, object_ = found["target"].split(" ")
        of = (subject, type_name, object_)
    return Claim(found["scope"], of, json.loads(found["attributes"]), found["identifiers"])


def standing(subject: str) -> str:
    """The sections of a subject, told apart from the subject itself."""
    return f"sections  {subject}"


def reference_place(domain: str, address: str) -> str:
    """Where a relation with an end that is known by its address looks for it. A domain holds no space."""
    return f"at {domain} {address}"


def pending_key(value: Pending) -> str:
    """The key of a pending relation as one text."""
    return canonical(list(value.key))


def pending_properties(value: Pending) -> Properties:
    return {**_fields(value), "attributes": canonical(value.attributes), "key": pending_key(value)}


def pending(found: Properties) -> Pending:
    fields = {n: v for n, v in found.items() if n != "key"}
    return Pending(**{**fields, "attributes": json.loads(found["attributes"])})


def revision_properties(value: Revision) -> Properties:
    return _fields(value)


def revision(found: Properties) -> Revision:
    return Revision(**found)


def raw_properties(value: Raw) -> Properties:
    return {**_fields(value), "size_bytes": len(value.data)}


def raw(found: Properties) -> Raw:
    fields: Properties = {n: found.get(n) for n in Raw.__slots__}
    return Raw(**{**fields, "data": bytes(found["data"])})


def entry_properties(value: Entry) -> Properties:
    return {
        "kind": value.kind,
        "key": value.key,
        "value": canonical(value.value),
        "since": value.since,
        "seal": seal(value.salt, value.digest),
    }


def entry(found: Mapping[str, Any]) -> Entry:
    salt, digest = _unsealed(found["seal"])
    return Entry(
        found["kind"], found["key"], json.loads(found["value"]), found["since"], salt, digest, found.get("until")
    )


def _fields(value: Scope | Coverage | Pending | Revision | Raw) -> Properties:
    return {name: getattr(value, name) for name in value.__slots__}


def _unsealed(found: bytes) -> tuple[bytes, bytes]:
    cut = 1 + found[0]
    return bytes(found[1:cut]), bytes(found[cut:])
