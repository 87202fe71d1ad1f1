"""Old ids: which CI an id leads to after merges (merging.py). An id that was ever given resolves for good.

An entry of kind "alias" says of a merged whole which CI it is part of history of now: {"ci": surviving id}. Of its parts,
the entry of kind "merge" of the same key says which were folded into an equal part: {"folded": {old id: id}}; all others kept
their ids. Both are versioned, so that an id means as of a revision what it meant then.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal

from cmdb.model.identity import WEAK, contradiction
from cmdb.model.query_language import IdTerm, ParentTerm, Query
from cmdb.ports import Transaction, View

KIND = "alias"
MERGE = "merge"
JOINED = "joined"
DEEPEST = 1000
"""Merges of merges are followed so far; only a store that was tampered with has a circle."""


def resolve(view: View, id_: str, at: int | None = None) -> str:
    """The CI that an id leads to as of a revision: itself, unless it was merged into another one by then."""
    for _ in range(DEEPEST):
        if not id_.isascii() or id_ in view.items([id_], at):
            return id_
        onward = _alias(view, id_, at) or _folded(view, id_, at)
        if onward is None:
            return id_
        id_ = onward
    return id_


def resolved(view: View, ids: Iterable[str], at: int | None = None) -> dict[str, str]:
    """Of these ids those that lead to another CI, with the id of that. Asks little where most are there, or simply retired."""
    asked = list(dict.fromkeys(ids))
    here = view.items(asked, at) if asked else {}
    missing = [id_ for id_ in asked if id_ not in here and id_.isascii()]
    states = view.last_states(missing) if missing else {}
    wholes = {state.parent or state.id for state in states.values()}
    merged = {id_ for id_ in wholes if view.entry(MERGE, id_, at) is not None}
    found = {id_: resolve(view, id_, at) for id_, state in states.items() if (state.parent or state.id) in merged}
    return {id_: onward for id_, onward in found.items() if onward != id_}


def ended(view: View, at: int | None = None) -> set[str]:
    """All ids that lead to another CI as of a revision: what they named is not gone but part of that."""
    found = {entry.key for entry in view.entries(KIND, at)}
    for entry in view.entries(MERGE, at):
        found.update(entry.value["folded"])
    return found


def folded_into(view: View) -> set[str]:
    """Ids of the parts that an equal part of a merged whole was folded into."""
    return {str(part) for entry in view.entries(MERGE) for part in entry.value["folded"].values()}


def sides(view: View, id_: str) -> set[str]:
    """A CI with all that was merged into it, and into those, and not split off again."""
    found, ahead = {id_}, [id_]
    while ahead:
        entries = view.entries(JOINED, None, ahead)
        more = {str(other) for entry in entries for other in entry.value["ids"]} - found
        found |= more
        ahead = sorted(more)
    return found


def followed(view: View, query: Query, at: int | None = None) -> Query:
    """The query with ids that lead to other CIs replaced by the ids of those."""
    terms = [
        replace(term, id=resolve(view, term.id, at)) if isinstance(term, IdTerm | ParentTerm) else term
        for term in query.terms
    ]
    return replace(query, terms=tuple(terms))


def joins(view: View, id_: str, at: int | None = None) -> list[tuple[int, Literal["merged", "split"], str]]:
    """What was merged into a CI and split from it again: (revision, what, the other id), oldest first."""
    found: list[tuple[int, Literal["merged", "split"], str]] = []
    before: set[str] = set()
    for entry in view.entry_history(JOINED, id_):
        if at is not None and entry.since > at:
            break
        now = set(entry.value["ids"])
        found += [(entry.since, "merged", other) for other in sorted(now - before)]
        found += [(entry.since, "split", other) for other in sorted(before - now)]
        before = now
    return found


def reconciled(tx: Transaction, id_: str, brought: Sequence[str]) -> bool:
    """True where people have said that this CI is one, by a merge or of its sources, and what a subject brought is one side
    of it: it agrees with a claim on the CI, and shares an identifier with that which is not weak. A contradiction between
    the sides is known then."""
    entry = tx.entry(JOINED, id_)
    if entry is None or not (entry.value["ids"] or entry.value.get("accepted")):
        return False
    mine = {i for i in brought if i.partition(" ")[0] not in WEAK}
    return any(
        mine.intersection(claim.identifiers) and not contradiction(claim.identifiers, brought)
        for claim in tx.claims([id_])
    )


def _alias(view: View, id_: str, at: int | None) -> str | None:
    entry = view.entry(KIND, id_, at)
    return str(entry.value["ci"]) if entry is not None else None


def _folded(view: View, id_: str, at: int | None) -> str | None:
    """Where a part was folded into an equal one: its whole's merge says so."""
    last = view.last_states([id_]).get(id_)
    if last is None or last.parent is None:
        return None
    entry = view.entry(MERGE, last.parent, at)
    onward = entry.value["folded"].get(id_) if entry is not None else None
    return str(onward) if onward is not None else None
