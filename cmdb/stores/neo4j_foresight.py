"""What a group of batches is going to ask, read from Neo4j at once instead of batch by batch.

Each question to the server costs a round trip, and an unchanged host asks little else. What was read ahead moves along with
what the transaction writes; what it can no longer tell is forgotten, and asked of the server again.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from cmdb.model.relationship_types import RELATIONSHIP_TYPES
from cmdb.model.values import bounded
from cmdb.states import Asked, Commit, Item, Pending, Scope
from cmdb.stores import neo4j_rows as rows
from cmdb.stores.neo4j_records import Run

LastStates = Callable[[Collection[str]], dict[str, Item]]
"""How states are read from the server."""


class Foresight:
    """Answers that are known, None for those that are not."""

    def __init__(self) -> None:
        self.new_batches: set[str] = set()
        """Batches without a revision so far."""
        self._identifiers: dict[str, list[str]] = {}
        self._states: dict[str, Item] = {}
        self._scopes: dict[str, dict[int, Scope]] = {}
        """All sections of a subject, by number; `_subjects` has the subject of each."""
        self._subjects: dict[int, str] = {}
        self._same: dict[tuple[str, str], str | None] = {}
        self._pending: dict[int, list[Pending]] = {}

    @classmethod
    def read(cls, run: Run, last_states: LastStates, asked: Collection[Asked]) -> Foresight:
        """Read ahead for batches (id, source, identifiers)."""
        found = cls()
        batches = [batch for batch, _, _ in asked]
        taken = {row[0] for row in run("MATCH (r:Revision) WHERE r.batch IN $batches RETURN r.batch", batches=batches)}
        found.new_batches = set(batches) - taken
        by_value = {bounded(i): i for _, _, identifiers in asked for i in identifiers}
        found._identifiers = {i: [] for i in by_value.values()}
        cypher = "MATCH (i:Identifier) WHERE i.value IN $values AND i.id IS NOT NULL RETURN i.value, i.id"
        for value, id_ in run(cypher, values=list(by_value)) if by_value else ():
            found._identifiers[by_value[value]].append(id_)
        ids = sorted({id_ for each in found._identifiers.values() for id_ in each})
        if ids:
            found._states = last_states(ids)
            found._stand(run, ids, sorted({source for _, source, _ in asked}))
        return found

    def _stand(self, run: Run, ids: list[str], sources: list[str]) -> None:
        """Read how sections stand, and the references that a section's repetition counts as another sighting."""
        given = {"ids": ids, "sources": sources}
        self._scopes = {id_: {} for id_ in ids}
        self._same = dict.fromkeys((source, id_) for source in sources for id_ in ids)
        cypher = (
            "MATCH (s:Scope) WHERE s.subject IN $ids AND s.source IS NOT NULL AND s.section IS NOT NULL "
            "RETURN collect(properties(s))"
        )
        for properties in _gathered(run(cypher, ids=ids)):
            one = rows.scope(properties)
            self._scopes[one.subject][one.number] = one
            self._subjects[one.number] = one.subject
            if any(RELATIONSHIP_TYPES[t].sighted for t in one.relations if t in RELATIONSHIP_TYPES):
                self._pending[one.number] = []
        cypher = "MATCH (s:Same) WHERE s.subject IN $ids AND s.source IN $sources RETURN s.source, s.subject, s.digest"
        for source, subject, digest in run(cypher, **given):
            self._same[(source, subject)] = digest
        if self._pending:
            cypher = "MATCH (p:Pending) WHERE p.scope IN $scopes RETURN properties(p)"
            for (properties,) in run(cypher, scopes=list(self._pending)):
                waiting = rows.pending(properties)
                self._pending[waiting.scope].append(waiting)

    def identified(self, identifiers: Collection[str]) -> dict[str, list[str]] | None:
        if not all(i in self._identifiers for i in identifiers):
            return None
        return {i: sorted(self._identifiers[i]) for i in identifiers if self._identifiers[i]}

    def learned(self, identifiers: Collection[str], found: dict[str, list[str]]) -> None:
        """Keep what the server answered: what is new is looked up twice."""
        self._identifiers.update((i, list(found.get(i, ()))) for i in identifiers)

    def last_states(self, ids: Collection[str]) -> dict[str, Item] | None:
        if not ids or not all(i in self._states for i in ids):
            return None
        return {i: copy.copy(self._states[i]) for i in ids}

    def scopes(self, subject: str) -> list[Scope] | None:
        """Sections of a subject, in any order."""
        found = self._scopes.get(subject)
        return None if found is None else [copy.copy(scope) for scope in found.values()]

    def scopes_of(self, source: str, subject: str) -> dict[str, Scope] | None:
        found = self._scopes.get(subject)
        return None if found is None else {s.section: copy.copy(s) for s in found.values() if s.source == source}

    def same(self, source: str, subject: str) -> tuple[str | None] | None:
        """The digest, in a tuple where it is known, even if there is none."""
        key = (source, subject)
        return (self._same[key],) if key in self._same else None

    def pending_of(self, scopes: Collection[int]) -> list[Pending] | None:
        if not scopes or not all(s in self._pending for s in scopes):
            return None
        return sorted((copy.copy(p) for s in scopes for p in self._pending[s]), key=lambda p: p.key)

    # -- what the transaction writes -----------------------------------------------------------------------------------

    def seen_again(self, scopes: Collection[Scope]) -> None:
        """Move what is known of these in time, as it will in the store."""
        for again in scopes:
            known = self._scopes.get(again.subject, {}).get(again.number)
            if known is not None:
                known.observed_at, known.seen_at, known.sequence = again.observed_at, again.seen_at, again.sequence
                known.cost, known.collected_at = again.cost, again.collected_at
                known.collected_sequence = again.collected_sequence

    def stand(self, scopes: Collection[Scope]) -> None:
        """Scopes were written, some of them perhaps with another subject than before."""
        for scope in scopes:
            self._scopes.get(self._subjects.get(scope.number, ""), {}).pop(scope.number, None)
            self._subjects[scope.number] = scope.subject
            if scope.subject in self._scopes:
                self._scopes[scope.subject][scope.number] = copy.copy(scope)

    def written(self, commit: Commit) -> None:
        """All of a commit but its scopes was written."""
        if commit.revision is not None and commit.revision.batch is not None:
            self.new_batches.discard(commit.revision.batch)
        for item in commit.created:
            self._name([], item)
        for old, new in commit.updated:
            self._name(old.identifiers, new)
        for item, end in commit.retired:
            if end.merged:
                self._name(item.identifiers, replace(item, identifiers=[]))
        ended = [old.id for old, _ in commit.updated] + [item.id for item, _ in commit.retired]
        for id_ in [*ended, *(i.id for i in commit.created), *(i.id for i in commit.rescoped)]:
            self._states.pop(id_, None)
        for waiting in [*commit.pending, *commit.removed_pending]:
            self._pending.pop(waiting.scope, None)
        if commit.same is not None and commit.same[:2] in self._same:
            self._same[commit.same[:2]] = commit.same[2]

    def _name(self, before: Collection[str], item: Item) -> None:
        for gone in before:
            if gone not in item.identifiers and item.id in self._identifiers.get(gone, ()):
                self._identifiers[gone].remove(item.id)
        for identifier in item.identifiers:
            known = self._identifiers.get(identifier)
            if known is not None and item.id not in known:
                known.append(item.id)


def _gathered(found: list[list[Any]]) -> list[Any]:
    """What a statement has gathered in its one record: the driver spends more on a record than on what is in it."""
    return found[0][0] if found else []
