"""Erasing a value of a CI's attribute, now and in all of its past, and withholding it until that is lifted.

The current state gives the value up by an ordinary update in the redaction's own revision; then that state, past by now, and all
others are written anew without it. Each keeps the digest that the chain covers and gets a new salt, so that a value of few
possibilities can not be guessed from the digest; what is left is sealed under the new salt, and the redaction's entry
(redacted.py) names that seal. Relations and conflicts of the same machine that tell the value (traces.py) are treated alike; its
claims, readings, receipts and reasons of sections lose it, and so does what is set aside for a restoration or a split
(asides.py); raw batches that tell it are dropped, documents are written anew. A reading, of which there is no past, is erased in
the same way.

A value that identifies its CI, or is its key, is refused: it is what all of the past hangs on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from cmdb import aliases, asides, redacted, traces
from cmdb.commit import SALT_BYTES, act
from cmdb.draft import Draft
from cmdb.model.errors import ConflictError, NotFoundError
from cmdb.model.values import Value, digest
from cmdb.ports import Clock, Randomness, Store, Transaction, View
from cmdb.raw import whole
from cmdb.reconcile import entry_content, item_content, link_content, seal
from cmdb.states import Claim, Entry, Item, Link, Rewritten
from cmdb.traces import LONG, Told, Traces

PAGE = 100
SHORT = 3
"""Values of fewer characters are no part of an identifier by chance only where they are all of it."""

Document = dict[str, Any]
Left = Mapping[str, Item | Link]
"""What is left of states, by their digest as hexadecimal."""
Documents = Callable[[View, str, str, Told, Left, Randomness], tuple[dict[str, bytes], dict[str, str]]]
"""Of a CI, its whole, what is to be erased, and what is left of states: documents without the values, by address, and seals of
states of which only documents tell, by digest."""


def redact(
    store: Store,
    id_: str,
    attribute: str,
    reason: str,
    actor: str,
    documents: Documents,
    clock: Clock,
    randomness: Randomness,
) -> Document:
    """{"ci", "attribute", "revision", "states", "relations", "conflicts", "receipts", "documents", "readings", "reasons", "raw",
    "scrubbed"}.

    Numbers: `states` of the CI, of relations and of conflicts, receipts and documents that were written anew, `readings` that are
    gone, sections whose `reasons` for not being collected lost it, `raw` batches that were dropped. `scrubbed` is false where
    another process kept the store's files from being cleaned.

    Raises NotFoundError where the CI has no such value, ConflictError where the value identifies it or the CI was merged.
    """
    with store.transaction() as tx:
        done = _redact(tx, id_, attribute, reason, actor, documents, clock, randomness)
    return {**done, "scrubbed": store.scrub()}


def lift(
    store: Store, id_: str, attribute: str, reason: str, actor: str, clock: Clock, randomness: Randomness
) -> Document:
    """Let the attribute be told again: {"ci", "attribute", "revision"}. What was erased does not come back by itself.

    Raises NotFoundError where it is not withheld.
    """
    with store.transaction() as tx:
        entry = tx.entry(redacted.KIND, redacted.key_of(id_, attribute))
        if entry is None or entry.value["lifted"]:
            raise NotFoundError(f"{attribute!r:.80} of {id_:.40} is not redacted; `ci show` names what is.")
        draft = Draft(tx)
        draft.entries.append(replace(entry, value={**entry.value, "lifted": True, "reason": reason, "by": actor}))
        subject = str(entry.value["subject"])
        # Its sources have to be heard again, though they tell nothing new.
        scopes = {s.number: s for s in tx.scopes(subject)}
        scopes |= tx.scopes_by_number(traces.tellers(tx, entry.value.get("relations", ())) - scopes.keys())
        draft.scopes += [replace(scope, digest="") for scope in scopes.values()]
        revision = act(draft, redacted.KIND, actor, reason, clock, randomness)
        return {"ci": id_, "attribute": attribute, "revision": revision.number}


def _redact(
    tx: Transaction,
    id_: str,
    attribute: str,
    reason: str,
    actor: str,
    documents: Documents,
    clock: Clock,
    randomness: Randomness,
) -> Document:
    history = tx.history(id_)
    states = [state for state in history if attribute in state.attributes]
    claims = [claim for claim in tx.claims([id_]) if attribute in claim.attributes]
    values = [*(s.attributes[attribute] for s in states), *(c.attributes[attribute] for c in claims)]
    values += traces.own_readings(tx, history[-1], attribute) if history else []
    values += asides.of(tx, id_, attribute)
    if not values:
        raise NotFoundError(
            f"{id_:.40} has and had no value of {attribute!r:.80} that is kept; `ci history` lists them."
        )
    _may_go(tx, history, attribute, values)
    key = redacted.key_of(id_, attribute)
    before = tx.entry(redacted.KIND, key)
    names, told = frozenset([attribute]), Told(attribute, values)
    draft = Draft(tx)
    found = traces.find(draft, history, told)
    salted = _Salted(randomness)
    items = [salted.item(replace(s, attributes=redacted.without(s.attributes, names), text="")) for s in states]
    links, entries = [salted.link(k) for k in found.links], [salted.entry(e) for e in found.entries]
    subject = history[-1].parent or id_
    documents_left, told_there = documents(tx, id_, subject, told, salted.left, randomness)
    raws = _raws(tx, subject, attribute, values)
    value = {
        "ci": id_,
        "subject": subject,
        "attribute": attribute,
        "reason": reason,
        "by": actor,
        "lifted": False,
        **_kept(before, found, {**salted.seals, **told_there}, documents_left),
    }
    draft.entries.append(Entry(redacted.KIND, key, value, 0, b"", b""))
    draft.claims += [Claim(c.scope, id_, redacted.without(c.attributes, names), c.identifiers) for c in claims]
    current = history[-1] if history[-1].until is None else None
    if current is not None and attribute in current.attributes:
        new = replace(current, attributes=redacted.without(current.attributes, names), text="")
        draft.updated[id_] = (current, new)
    revision = act(draft, redacted.KIND, actor, reason, clock, randomness)
    written: list[Item | Link | Entry] = [*items, *links, *entries]
    for state in written:
        state.until = state.until or revision.number
    tx.rewrite(Rewritten(items, links, entries, documents_left, found.receipts))
    tx.drop_raws(raws)
    for kind, of, note in found.notes:
        tx.put_unversioned(kind, of, note)
    return {
        "ci": id_,
        "attribute": attribute,
        "revision": revision.number,
        "states": len(items),
        "relations": len(links),
        "conflicts": len(entries),
        "readings": len(found.readings),
        "reasons": len(found.reasons),
        "receipts": len(found.receipts),
        "documents": len(documents_left),
        "raw": len(raws),
    }


def _kept(before: Entry | None, found: Traces, seals: dict[str, str], documents: dict[str, bytes]) -> Document:
    """What the redaction's entry says of what it did, with what an earlier one of the same attribute did."""
    was = before.value if before is not None else {}
    digests = {address: digest(data) for address, data in documents.items()}
    return {
        "states": {**was.get("states", {}), **seals},
        "documents": {**was.get("documents", {}), **digests},
        "relations": _both(was.get("relations", []), found.relations),
        "readings": _both(was.get("readings", []), found.readings),
        "reasons": _both(was.get("reasons", []), found.reasons),
    }


def _both(one: list[list[str]], other: list[list[str]]) -> list[list[str]]:
    return [list(row) for row in sorted({tuple(row) for row in (*one, *other)})]


class _Salted:
    """Gives what is left of states new salts, and notes the seals of that by the digests that states keep."""

    def __init__(self, randomness: Randomness) -> None:
        self._randomness = randomness
        self.seals: dict[str, str] = {}
        self.left: dict[str, Item | Link] = {}

    def item(self, left: Item) -> Item:
        left = replace(left, salt=self._randomness(SALT_BYTES))
        self.left[left.digest.hex()] = left
        self.seals[left.digest.hex()] = seal(left.salt, item_content(left)).hex()
        return left

    def link(self, left: Link) -> Link:
        left = replace(left, salt=self._randomness(SALT_BYTES))
        self.left[left.digest.hex()] = left
        self.seals[left.digest.hex()] = seal(left.salt, link_content(left)).hex()
        return left

    def entry(self, left: Entry) -> Entry:
        left = replace(left, salt=self._randomness(SALT_BYTES))
        self.seals[left.digest.hex()] = seal(left.salt, entry_content(left)).hex()
        return left


def _may_go(tx: Transaction, history: list[Item], attribute: str, values: list[Value]) -> None:
    """Raises ConflictError where the value is told by more than the attribute."""
    id_ = history[-1].id
    if aliases.joins(tx, id_) or id_ in aliases.ended(tx) or id_ in aliases.folded_into(tx):
        raise ConflictError(
            f"{id_} was merged with another CI, and what they were before is kept for a split: no value of it can be erased."
        )
    naming = {text.casefold() for s in history for text in (s.key, *s.identifiers)}
    for value in {v.casefold() for v in values if isinstance(v, str) and v}:
        if any(value in text if len(value) >= SHORT else value == text.split(" ")[-1] for text in naming):
            raise ConflictError(
                f"{attribute!r:.80} of {id_} is what it is told apart by (its key or an identifier): it can not be erased."
            )


def _raws(tx: Transaction, subject: str, attribute: str, values: list[Value]) -> list[int]:
    """Numbers of raw batches that tell a value: those about the subject that name the attribute, and all with the same text, or
    with one that holds it where it is long."""
    texts = [v for v in values if isinstance(v, str)]
    texts += [each for v in values if isinstance(v, list) for each in v if isinstance(each, str)]
    written = [(t, json.dumps(t, ensure_ascii=ascii_only)) for t in texts for ascii_only in (True, False)]
    wanted = {(quoted[1:-1] if len(text) >= LONG else quoted).encode() for text, quoted in written}
    named, found, number = json.dumps(attribute).encode(), [], 0
    while page := tx.raws(number, PAGE):
        number = page[-1].number
        for raw in page:
            data = whole(tx, raw)
            if any(text in data for text in wanted) or (raw.ci == subject and named in data):
                found.append(raw.number)
    return found
