"""What ingest asks of the Neo4j store within its transaction, and how statements are sent (the first part of a Transaction)."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any, Protocol

from cmdb.model.relationship_types import RELATIONSHIP_TYPES
from cmdb.model.values import bounded
from cmdb.states import Asked, Claim, Head, Item, Link, LinkKey, Pending, Revision, Scope
from cmdb.stores import neo4j_rows as rows
from cmdb.stores.neo4j_find import Finding
from cmdb.stores.neo4j_foresight import Foresight
from cmdb.stores.neo4j_records import Run
from cmdb.stores.neo4j_schema import by_type
from cmdb.stores.neo4j_view import LINK

MOST_ROWS = 20_000
"""Rows of one statement."""


class Send(Protocol):
    """Sends a statement without waiting for it. The transaction fails unless it makes `expected` nodes and relationships."""

    def __call__(self, cypher: str, expected: int = 0, /, **parameters: Any) -> None: ...


class Questions(Finding):
    """A view of what the transaction has written so far."""

    def __init__(self, run: Run, send: Send, head: Head) -> None:
        super().__init__(run)
        self._send = send
        self._head = head
        self._later: dict[str, list[Any]] = {}
        self._touched: set[str | int] = set()
        self._ahead = Foresight()
        self.revisions_written: list[Revision] = []

    def head(self) -> Head:
        return self._head

    # -- what ingest asks ----------------------------------------------------------------------------------------------

    def foresee(self, asked: Iterable[Asked]) -> None:
        self._ahead = Foresight.read(self._run, super().last_states, list(asked))

    def last_states(self, ids: Collection[str]) -> dict[str, Item]:
        known = self._ahead.last_states(ids)
        return super().last_states(ids) if known is None else known

    def scopes(self, subject: str) -> list[Scope]:
        self._settle([subject])
        return super().scopes(subject)

    def scopes_by_number(self, numbers: Collection[int]) -> dict[int, Scope]:
        self._settle(numbers)
        return super().scopes_by_number(numbers)

    def scopes_of(self, source: str, subject: str) -> dict[str, Scope]:
        known = self._ahead.scopes_of(source, subject)
        if known is not None:
            return known
        self._settle([subject])
        cypher = (
            "MATCH (s:Scope) WHERE s.subject = $subject AND s.source = $source AND s.section IS NOT NULL "
            "RETURN properties(s)"
        )
        return {row[0]["section"]: rows.scope(row[0]) for row in self._run(cypher, subject=subject, source=source)}

    def identified(self, identifiers: Collection[str]) -> dict[str, list[str]]:
        known = self._ahead.identified(identifiers)
        if known is not None:
            return known
        asked = {bounded(i): i for i in identifiers}
        found: dict[str, list[str]] = {}
        if asked:
            cypher = "MATCH (i:Identifier) WHERE i.value IN $values AND i.id IS NOT NULL RETURN i.value, i.id"
            for value, id_ in self._run(cypher, values=list(asked)):
                found.setdefault(asked[value], []).append(id_)
        return {value: sorted(ids) for value, ids in found.items()}

    def retired_parts(self, parent: str, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], Item]:
        if not keys or not self._run(
            "MATCH (p:Past) WHERE p.parent = $parent AND p.until > 0 RETURN 1 LIMIT 1", parent=parent
        ):
            return {}
        asked = [rows.part_key(parent, class_name, key) for class_name, key in keys]
        cypher = "MATCH (p:Past) WHERE p.retired_part IN $keys RETURN properties(p) ORDER BY p.until"
        states = [rows.past(row[0]) for row in self._run(cypher, keys=asked)]
        return {(state.class_name, state.key): state for state in states}

    def claims_of(self, scopes: Collection[int]) -> list[Claim]:
        if not scopes:
            return []
        cypher = "MATCH (c:Claim) WHERE c.scope IN $scopes RETURN properties(c)"
        return [rows.claim(row[0]) for row in self._run(cypher, scopes=list(scopes))]

    def links_of(self, scopes: Collection[int]) -> list[Link]:
        if not scopes:
            return []
        # A range index on relationships is of one type, so one part of the union for each.
        cypher = " UNION ALL ".join(
            f"MATCH ()-[r:{name}]->() WHERE r._scope IN $scopes RETURN {LINK}" for name in RELATIONSHIP_TYPES
        )
        found = map(rows.link, self._run(cypher, scopes=list(scopes)))
        return sorted(found, key=lambda k: (k.type, k.subject, k.object))

    def links_by_key(self, keys: Collection[LinkKey]) -> dict[LinkKey, Link]:
        found: dict[LinkKey, Link] = {}
        for name, ends in by_type(keys).items():
            cypher = (
                f"UNWIND $ends AS k MATCH (s:CI {{id: k[0]}})-[r:{name}]->(o:CI {{id: k[1]}}) WHERE r._seal IS NOT NULL "
                f"RETURN {LINK}"
            )
            for row in self._run(cypher, ends=ends):
                one = rows.link(row)
                found[one.key] = one
        return {key: found[key] for key in keys if key in found}

    def pending_of(self, scopes: Collection[int]) -> list[Pending]:
        return self._pending("p.scope IN $scopes", scopes=list(scopes))

    def pending_at(self, domain: str, addresses: Collection[str]) -> list[Pending]:
        return self._pending("p.domain = $domain AND p.address IN $addresses", domain=domain, addresses=list(addresses))

    def pending_to(self, fars: Collection[str]) -> list[Pending]:
        return self._pending("p.far IN $fars", fars=list(fars))

    def receipt(self, batch: str) -> dict[str, Any] | None:
        if batch in self._ahead.new_batches:
            return None
        found = self._run("MATCH (r:Revision) WHERE r.batch = $batch RETURN r.receipt", batch=batch)
        return json.loads(found[0][0]) if found and found[0][0] else None

    def same(self, source: str, subject: str) -> str | None:
        self._settle([subject])
        cypher = "MATCH (s:Same) WHERE s.subject = $subject AND s.source = $source RETURN s.digest"
        found = self._run(cypher, subject=subject, source=source)
        return found[0][0] if found else None

    def unversioned(self, kind: str, key: str) -> dict[str, Any] | None:
        found = self._run("MATCH (n:Note) WHERE n.kind = $kind AND n.key = $key RETURN n.value", kind=kind, key=key)
        return json.loads(found[0][0]) if found else None

    # -- sending -----------------------------------------------------------------------------------------------------------

    def _each(self, cypher: str, of: Iterable[Any], made: int = 0) -> None:
        """A statement for rows, MOST_ROWS at a time. Each row makes `made` nodes and relationships."""
        listed = list(of)
        for start in range(0, len(listed), MOST_ROWS):
            part = listed[start : start + MOST_ROWS]
            self._send(cypher, made * len(part), rows=part)

    def _wait(self, cypher: str, listed: list[Any], touched: Iterable[str | int]) -> None:
        """Keep rows back, so that batches that find nothing new share a statement; `touched` are subjects and scopes."""
        self._later.setdefault(cypher, []).extend(listed)
        self._touched.update(touched)

    def _settle(self, asked: Iterable[str | int]) -> None:
        """Send what was kept back, if a question or write is about it."""
        if not self._touched.isdisjoint(asked):
            self.send_all()

    def send_all(self) -> None:
        """Send what was kept back."""
        for cypher, listed in self._later.items():
            self._each(cypher, listed)
        self._later.clear()
        self._touched.clear()
