"""Declaring own attributes of a store, taking them back, listing them (own_attributes.py says what there is).

A declaration is an entry of the chain, so it has a past, an actor and a reason like any other change. Taking one back takes its
values from all CIs in the same revision; the past keeps them.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from cmdb import commit
from cmdb.draft import Draft
from cmdb.edit import RECORDS, reason_of
from cmdb.model.checked import shown
from cmdb.model.classes import CLASSES
from cmdb.model.errors import ConflictError, NotFoundError, UsageError
from cmdb.model.query_language import ClassTerm, HasTerm, Query
from cmdb.model.text import fold
from cmdb.model.times import now
from cmdb.model.values import NAME, problem
from cmdb.model.vocabulary import TAKEN, may_be_own
from cmdb.own_attributes import KIND, vocabulary
from cmdb.ports import Clock, Randomness, Store, Transaction, View
from cmdb.query import every, listed
from cmdb.states import Claim, Entry, Item, Retirement

TYPES = {"string": "str", "integer": "int", "boolean": "bool", "list": "list[str]"}
"""Types as people name them."""
MOST = 200
"""Own attributes of a store."""
MOST_VALUES = 100_000
"""CIs from which one revision takes a value."""
MAX_TEXT = 500

Document = dict[str, Any]


def declare(
    store: Store,
    class_name: str,
    name: str,
    type_name: str,
    text: str,
    actor: str,
    reason: str,
    clock: Clock = now,
    randomness: Randomness = secrets.token_bytes,
) -> Document:
    """Declare an own attribute of a class; returns its row of `registered`.

    Raises UsageError for a name, type or class that can not be, ConflictError where it is declared already, or with
    another type for another class.
    """
    declared = CLASSES[_class(class_name)]
    _check_name(name)
    if type_name not in TYPES:
        raise UsageError(f"{shown(type_name)} is no type; there are {', '.join(TYPES)}.")
    text = " ".join(text.split()) or f"{name.replace('_', ' ').capitalize()}."
    if len(text) > MAX_TEXT or problem(text, "str"):
        raise UsageError(f"What an attribute means is told in at most {MAX_TEXT} characters.")
    reason = reason_of(reason)
    value = {"class": declared.name, "name": name, "type": TYPES[type_name], "text": text}
    with store.transaction() as tx:
        known = vocabulary(tx).own
        if name in known.get(declared.name, {}):
            raise ConflictError(f"{declared.name}.{name} is declared already; `attribute list` shows it.", name=name)
        others = {c: attributes[name].type for c, attributes in known.items() if name in attributes}
        if set(others.values()) - {TYPES[type_name]}:
            told = ", ".join(f"{c}: {_written(t)}" for c, t in others.items())
            raise ConflictError(f"{name} has another type already ({told}); one name means one type.", name=name)
        if sum(map(len, known.values())) >= MOST:
            raise UsageError(f"There are {MOST} own attributes, the most that a store takes; remove some.")
        draft = Draft(tx)
        draft.entries.append(Entry(KIND, f"{declared.name}.{name}", value, 0, b"", b""))
        revision = commit.act(draft, KIND, actor, reason, clock, randomness)
        return _row(replace(draft.entries[0], since=revision.number))


def remove(
    store: Store,
    class_name: str,
    name: str,
    actor: str,
    reason: str,
    clock: Clock = now,
    randomness: Randomness = secrets.token_bytes,
) -> Document:
    """Take back a declaration, and its values with it; returns its row, with `values`, how many CIs had one.

    Raises NotFoundError where there is none, UsageError where more CIs have a value than one revision changes.
    """
    key = f"{_class(class_name)}.{name}"
    reason = reason_of(reason)
    with store.transaction() as tx:
        entry = tx.entry(KIND, key)
        if entry is None:
            raise NotFoundError(f"There is no own attribute {key!r:.200}; `attribute list` shows those that there are.")
        terms = (ClassTerm(_class(class_name)), HasTerm(name))
        items = every(tx, Query(terms, "", vocabulary(tx)), None, MOST_VALUES)
        draft = Draft(tx)
        draft.entries_removed.append((entry, Retirement(reason, None)))
        _forget(tx, draft, items, name, clock())
        commit.act(draft, KIND, actor, reason, clock, randomness)
        return {**_row(entry), "values": len(items)}


def registered(view: View, at: int | None = None) -> Document:
    """All own attributes as of a revision, as the contract's list."""
    rows = [_row(entry) for entry in view.entries(KIND, at)]
    return listed(view, at, rows, len(rows), None)


def _forget(tx: Transaction, draft: Draft, items: Sequence[Item], name: str, time: int) -> None:
    """No claim and no CI has the attribute any more. What told it is decoded again when it comes as it was."""
    told: set[int] = set()
    for claim in tx.claims([item.id for item in items]):
        if name in claim.attributes:
            left = {n: v for n, v in claim.attributes.items() if n != name}
            draft.claims.append(Claim(claim.scope, claim.target, left, claim.identifiers))
            told.add(claim.scope)
    for item in items:
        left = {n: v for n, v in item.attributes.items() if n != name}
        draft.updated[item.id] = (item, replace(item, attributes=left, not_before=time, text=""))
        told.update([item.scope] if item.scope is not None else [])
    draft.scopes += [replace(scope, digest="") for scope in tx.scopes_by_number(told).values()] if told else []


def _class(written: str) -> str:
    found = next((name for name in CLASSES if fold(name) == fold(written)), None)
    if found is None or found in RECORDS:
        can = ", ".join(name for name in CLASSES if name not in RECORDS)
        raise UsageError(f"{shown(written)} is no class that takes own attributes; there are {can}.")
    return found


def _check_name(name: str) -> None:
    if not NAME.match(name):
        raise UsageError(
            f"{shown(name)} is no name: small letters, digits and _, beginning with a letter, at most 64, as in cost_center."
        )
    if name in TAKEN:
        raise UsageError(f"{name} has a meaning already; take another name, as in my_{name}.")
    assert may_be_own("Host", name), "what is left may be one"


def _row(entry: Entry) -> Document:
    return {**entry.value, "type": _written(str(entry.value["type"])), "since": entry.since}


def _written(type_name: str) -> str:
    return next((word for word, meant in TYPES.items() if meant == type_name), type_name)
