"""Erasing a value of a CI's attribute, now and in all of its past, and withholding it until that is lifted.

The current state gives the value up by an ordinary update in the redaction's own revision; then that state, past by now, and all
others are written anew without it. Each keeps the digest that the chain covers and gets a new salt, so that a value of few
possibilities can not be guessed from the digest; what is left is sealed under the new salt, and the redaction's entry
(redacted.py) names that seal. Relations and conflicts of the same machine that tell the value (traces.py) are treated alike; its
claims, readings, receipts and reasons of sections lose it, and so does what is set aside for a restoration or a split
(asides.py); raw batches that tell it are dropped, documents are written anew. A reading, of which there is no past, is erased in
the same way.

What may tell the value is looked for before the transaction that erases it (searched.py); of what came since the transaction
reads that alone.

A value that identifies its CI, or is its key, is refused: it is what all of the past hangs on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cmdb import agent_binding, aliases, asides, redacted, searched, sweep_traces, traces
from cmdb.commit import SALT_BYTES, act
from cmdb.draft import Draft
from cmdb.model.errors import ConflictError, NotFoundError
from cmdb.model.values import Value, digest
from cmdb.ports import Clock, Randomness, Store, Transaction, View
from cmdb.reconcile import entry_content, item_content, link_content, seal
from cmdb.searched import Outdated, Searched
from cmdb.states import Claim, Entry, Item, Link, Rewritten
from cmdb.traces import Told, Traces

TRIES = 3
"""So often what may tell the value is looked for before the transaction; then within it, so that it comes to an end."""
SHORT = 3
"""Values of fewer characters are no part of an identifier by chance only where they are all of it."""

Document = dict[str, Any]
Left = Mapping[str, Item | Link]
"""What is left of states, by their digest as hexadecimal."""
Documents = Callable[[View, Collection[str], str, str, Told, Left, Randomness], tuple[dict[str, bytes], dict[str, str]]]
"""Of addresses of documents that may tell it, a CI, its whole, what is to be erased, and what is left of states: documents
without the values, by address, and seals of states of which only documents tell, by digest."""


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
    """{"ci", "attribute", "revision", "states", "relations", "conflicts", "receipts", "documents", "readings", "reasons",
    "targets", "raw", "scrubbed"}.

    Numbers: `states` of the CI, of relations and of conflicts, receipts and documents that were written anew, `readings` that are
    gone, sections whose `reasons` for not being collected lost it, `targets` of sweeps whose end told it, `raw` batches that were
    dropped. `scrubbed` is false where another process kept the store's files from being cleaned.

    Raises NotFoundError where the CI has no such value, ConflictError where the value identifies it or the CI was merged.
    """
    act_ = _Redaction(id_, attribute, reason, actor, documents, clock, randomness)
    for _ in range(TRIES):
        before = act_.looked_for(store)
        try:
            with store.transaction() as tx:
                done = act_.done(tx, before)
            break
        except Outdated:
            continue
    else:
        with store.transaction() as tx:
            done = act_.done(tx, None)
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


@dataclass(frozen=True, slots=True)
class _Redaction:
    """One redaction, as it was asked for."""

    id: str
    attribute: str
    reason: str
    actor: str
    documents: Documents
    clock: Clock
    randomness: Randomness

    def looked_for(self, store: Store) -> Searched:
        """What may tell the value, looked for without keeping anybody from writing."""
        with store.view() as view:
            history, told = self._told(view)
        return searched.search(store.view, history[-1], told)

    def done(self, tx: Transaction, before: Searched | None) -> Document:
        """Erase it in this transaction; what may tell it is looked for here where that was not done before.

        Raises Outdated, with nothing written, where it is not what was looked for.
        """
        id_, attribute = self.id, self.attribute
        history, told = self._told(tx)
        before = before or searched.search(searched.inside(tx), history[-1], told)
        states = [state for state in history if attribute in state.attributes]
        claims = [claim for claim in tx.claims([id_]) if attribute in claim.attributes]
        _may_go(tx, history, attribute, told.values)
        names, draft = frozenset([attribute]), Draft(tx)
        found = traces.find(draft, history, told, searched.gone_now(tx, before))
        now = searched.renewed(tx, before, searched.sought(tx, history[-1], told, found.links))
        ends = sweep_traces.without(tx, now.sweeps, told.blotted, history[-1].parent or id_)
        salted = _Salted(self.randomness)
        items = [salted.item(replace(s, attributes=redacted.without(s.attributes, names), text="")) for s in states]
        links, entries = [salted.link(k) for k in found.links], [salted.entry(e) for e in found.entries]
        subject = history[-1].parent or id_
        documents, told_there = self.documents(tx, now.documents, id_, subject, told, salted.left, self.randomness)
        key = redacted.key_of(id_, attribute)
        value = {
            "ci": id_,
            "subject": subject,
            "attribute": attribute,
            "reason": self.reason,
            "by": self.actor,
            "lifted": False,
            **_kept(tx.entry(redacted.KIND, key), found, {**salted.seals, **told_there}, documents, ends.members),
        }
        draft.entries.append(Entry(redacted.KIND, key, value, 0, b"", b""))
        draft.claims += [Claim(c.scope, id_, redacted.without(c.attributes, names), c.identifiers) for c in claims]
        current = history[-1] if history[-1].until is None else None
        if current is not None and attribute in current.attributes:
            new = replace(current, attributes=redacted.without(current.attributes, names), text="")
            draft.updated[id_] = (current, new)
        revision = act(draft, redacted.KIND, self.actor, self.reason, self.clock, self.randomness)
        written: list[Item | Link | Entry] = [*items, *links, *entries]
        for state in written:
            state.until = state.until or revision.number
        tx.rewrite(Rewritten(items, links, entries, documents, found.receipts))
        tx.drop_raws(now.raws)
        tx.put_sweep_targets(ends.targets)
        for kind, of, note in found.notes:
            tx.put_unversioned(kind, of, note)
        agent_binding.forget_said(tx, subject)
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
            "documents": len(documents),
            "targets": len(ends.targets),
            "raw": len(now.raws),
        }

    def _told(self, view: View) -> tuple[list[Item], Told]:
        """The CI's history, and all values that the attribute has and had."""
        id_, attribute = self.id, self.attribute
        history = view.history(id_)
        values = [s.attributes[attribute] for s in history if attribute in s.attributes]
        values += [c.attributes[attribute] for c in view.claims([id_]) if attribute in c.attributes]
        values += traces.own_readings(view, history[-1], attribute) if history else []
        values += asides.of(view, id_, attribute)
        if not values or not history:
            raise NotFoundError(
                f"{id_:.40} has and had no value of {attribute!r:.80} that is kept; `ci history` lists them."
            )
        return history, Told(attribute, values)


def _kept(
    before: Entry | None, found: Traces, seals: dict[str, str], documents: dict[str, bytes], ends: list[list[str]]
) -> Document:
    """What the redaction's entry says of what it did, with what an earlier one of the same attribute did."""
    was = before.value if before is not None else {}
    digests = {address: digest(data) for address, data in documents.items()}
    return {
        "states": {**was.get("states", {}), **seals},
        "documents": {**was.get("documents", {}), **digests},
        "relations": _both(was.get("relations", []), found.relations),
        "readings": _both(was.get("readings", []), found.readings),
        "reasons": _both(was.get("reasons", []), found.reasons),
        "ends": _both(was.get("ends", []), ends),
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
