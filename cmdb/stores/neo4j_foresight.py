"""What a group of batches is going to ask, read from Neo4j at once instead of batch by batch.

Each question to the server costs a round trip, and an unchanged host asks little else. What was read ahead holds until the
transaction writes something that it could speak of; then it is dropped, and questions go to the server again.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection

from cmdb.model.values import bounded
from cmdb.states import Asked, Item, Scope
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
        self._scopes: dict[tuple[str, str], dict[str, Scope]] = {}

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
            sources = sorted({source for _, source, _ in asked})
            found._scopes = {(source, id_): {} for source in sources for id_ in ids}
            cypher = (
                "MATCH (s:Scope) WHERE s.subject IN $ids AND s.source IN $sources AND s.section IS NOT NULL "
                "RETURN properties(s)"
            )
            for (properties,) in run(cypher, ids=ids, sources=sources):
                one = rows.scope(properties)
                found._scopes[(one.source, one.subject)][one.section] = one
        return found

    def identified(self, identifiers: Collection[str]) -> dict[str, list[str]] | None:
        if not all(i in self._identifiers for i in identifiers):
            return None
        return {i: sorted(self._identifiers[i]) for i in identifiers if self._identifiers[i]}

    def last_states(self, ids: Collection[str]) -> dict[str, Item] | None:
        if not ids or not all(i in self._states for i in ids):
            return None
        return {i: copy.copy(self._states[i]) for i in ids}

    def scopes_of(self, source: str, subject: str) -> dict[str, Scope] | None:
        found = self._scopes.get((source, subject))
        return None if found is None else {section: copy.copy(scope) for section, scope in found.items()}

    def seen_again(self, scopes: Collection[Scope]) -> None:
        """Move what is known of these in time, as it will in the store."""
        for again in scopes:
            known = self._scopes.get((again.source, again.subject), {}).get(again.section)
            if known is not None:
                known.observed_at, known.seen_at, known.sequence = again.observed_at, again.seen_at, again.sequence
                known.cost, known.collected_at = again.cost, again.collected_at
