"""Erasing a value of a CI's attribute, now and in all of its past, and withholding it until that is lifted.

The current state gives the value up by an ordinary update in the redaction's own revision; then that state, past by now, and all
others are written anew without it. Each keeps the digest that the chain covers and gets a new salt, so that a value of few
possibilities can not be guessed from the digest; what is left is sealed under the new salt, and the redaction's entry
(redacted.py) names that seal. Claims lose the value, raw batches that tell it are dropped, documents are written anew.

A value that identifies its CI, or is its key, is refused: it is what all of the past hangs on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from cmdb import aliases, redacted
from cmdb.commit import SALT_BYTES, act
from cmdb.draft import Draft
from cmdb.model.errors import ConflictError, NotFoundError
from cmdb.model.values import Value, digest
from cmdb.ports import Clock, Randomness, Store, Transaction, View
from cmdb.raw import whole
from cmdb.reconcile import item_content, seal
from cmdb.states import Claim, Entry, Item

PAGE = 100
SHORT = 3
"""Values of fewer characters are no part of an identifier by chance only where they are all of it."""

Document = dict[str, Any]
Left = Mapping[str, Item]
"""What is left of states, by their digest as hexadecimal."""
Rewritten = Callable[[View, str, str, list[Value], Left, Randomness], tuple[dict[str, bytes], dict[str, str]]]
"""Documents without the values, by address, and seals of states of which only documents tell, by digest."""


def redact(
    store: Store,
    id_: str,
    attribute: str,
    reason: str,
    actor: str,
    documents: Rewritten,
    clock: Clock,
    randomness: Randomness,
) -> Document:
    """{"ci", "attribute", "revision", "states", "documents", "raw", "scrubbed"}: how many states and documents were written anew
    and raw batches dropped. `scrubbed` is false where another process kept the store's files from being cleaned.

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
        draft.scopes += [replace(scope, digest="") for scope in tx.scopes(subject)]
        revision = act(draft, redacted.KIND, actor, reason, clock, randomness)
        return {"ci": id_, "attribute": attribute, "revision": revision.number}


def _redact(
    tx: Transaction,
    id_: str,
    attribute: str,
    reason: str,
    actor: str,
    documents: Rewritten,
    clock: Clock,
    randomness: Randomness,
) -> Document:
    history = tx.history(id_)
    states = [state for state in history if attribute in state.attributes]
    claims = [claim for claim in tx.claims([id_]) if attribute in claim.attributes]
    values = [*(s.attributes[attribute] for s in states), *(c.attributes[attribute] for c in claims)]
    if not values:
        raise NotFoundError(
            f"{id_:.40} has and had no value of {attribute!r:.80} that is kept; `ci history` lists them."
        )
    _may_go(tx, history, attribute, values)
    key = redacted.key_of(id_, attribute)
    before = tx.entry(redacted.KIND, key)
    names = frozenset([attribute])
    left = {s.digest.hex(): _left(s, names, randomness) for s in states}
    rewritten, told = documents(tx, id_, attribute, values, left, randomness)
    raws = _raws(tx, history[-1].parent or id_, attribute, values)
    value = {
        "ci": id_,
        "subject": history[-1].parent or id_,
        "attribute": attribute,
        "reason": reason,
        "by": actor,
        "lifted": False,
        "states": {
            **(before.value["states"] if before is not None else {}),
            **{was: seal(item.salt, item_content(item)).hex() for was, item in left.items()},
            **told,
        },
        "documents": {
            **(before.value["documents"] if before is not None else {}),
            **{address: digest(data) for address, data in rewritten.items()},
        },
    }
    draft = Draft(tx)
    draft.entries.append(Entry(redacted.KIND, key, value, 0, b"", b""))
    draft.claims += [Claim(c.scope, id_, redacted.without(c.attributes, names), c.identifiers) for c in claims]
    current = history[-1] if history[-1].until is None else None
    if current is not None and attribute in current.attributes:
        new = replace(current, attributes=redacted.without(current.attributes, names), text="")
        draft.updated[id_] = (current, new)
    revision = act(draft, redacted.KIND, actor, reason, clock, randomness)
    past = [replace(item, until=item.until or revision.number) for item in left.values()]
    tx.rewrite(past, rewritten)
    tx.drop_raws(raws)
    return {
        "ci": id_,
        "attribute": attribute,
        "revision": revision.number,
        "states": len(past),
        "documents": len(rewritten),
        "raw": len(raws),
    }


def _left(state: Item, names: frozenset[str], randomness: Randomness) -> Item:
    attributes = redacted.without(state.attributes, names)
    return replace(state, attributes=attributes, salt=randomness(SALT_BYTES), text="")


def _may_go(tx: Transaction, history: list[Item], attribute: str, values: list[Value]) -> None:
    """Raises ConflictError where the value is told by more than the attribute."""
    id_ = history[-1].id
    if aliases.joins(tx, id_) or id_ in aliases.ended(tx):
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
    """Numbers of raw batches that tell a value: those about the subject that name the attribute, and all with the same text."""
    texts = [v for v in values if isinstance(v, str)]
    texts += [each for v in values if isinstance(v, list) for each in v if isinstance(each, str)]
    wanted = {json.dumps(text, ensure_ascii=ascii_only).encode() for text in texts for ascii_only in (True, False)}
    named, found, number = json.dumps(attribute).encode(), [], 0
    while page := tx.raws(number, PAGE):
        number = page[-1].number
        for raw in page:
            data = whole(tx, raw)
            if any(text in data for text in wanted) or (raw.ci == subject and named in data):
                found.append(raw.number)
    return found
