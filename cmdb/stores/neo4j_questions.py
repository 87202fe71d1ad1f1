"""What ingest asks of the Neo4j store within its transaction, and how statements are sent (the first part of a Transaction)."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from cmdb.model.relationship_types import RELATIONSHIP_TYPES
from cmdb.model.values import bounded
from cmdb.states import Asked, Claim, Entry, Head, Item, Link, LinkKey, Pending, Revision, Scope
from cmdb.stores import neo4j_rows as rows
from cmdb.stores.neo4j_find import Finding
from cmdb.stores.neo4j_foresight import Foresight
from cmdb.stores.neo4j_outbox import Outbox, Send
from cmdb.stores.neo4j_records import Run
from cmdb.stores.neo4j_schema import by_type
from cmdb.stores.neo4j_view import LINK

END_CLAIMS = "UNWIND $rows AS r MATCH (c:Claim) WHERE c.target = r AND c.scope IS NOT NULL DELETE c"


class Questions(Finding):
    """A view of what the transaction has written so far.

    A question that says what it is about (`_about`) leaves what was written of other things waiting in the outbox; any other
    one has all of it sent first.
    """

    def __init__(self, run: Run, send: Send, head: Head) -> None:
        super().__init__(self._ask)
        self._server = run
        self._outbox = Outbox(send)
        self._settled = False
        self._head = head
        self._ahead = Foresight()
        self._entries_known: dict[str, list[Entry]] = {}
        self._kinds: dict[str, bool] = {}
        """Kinds of which there is no current entry (False), or of which there has been one in this transaction."""
        self.revisions_written: list[Revision] = []

    def head(self) -> Head:
        return self._head

    # -- what ingest asks ----------------------------------------------------------------------------------------------

    def foresee(self, asked: Iterable[Asked]) -> None:
        self.send_all()
        self._ahead = Foresight.read(self._run, super().last_states, list(asked))

    def items(self, ids: Collection[str], at: int | None = None) -> dict[str, Item]:
        with self._about(ids):
            return super().items(ids, at)

    def last_states(self, ids: Collection[str]) -> dict[str, Item]:
        known = self._ahead.last_states(ids)
        if known is not None:
            return known
        with self._about(ids):
            return super().last_states(ids)

    def parts(self, parent: str, classes: Collection[str] | None = None, at: int | None = None) -> list[Item]:
        with self._about([parent]):
            return super().parts(parent, classes, at)

    def links(self, ids: Collection[str], at: int | None = None) -> list[Link]:
        with self._about(ids):
            return super().links(ids, at)

    def claims(self, targets: Collection[str | LinkKey]) -> list[Claim]:
        with self._about(map(rows.target, targets)):
            return super().claims(targets)

    def entries(self, kind: str, at: int | None = None, keys: Collection[str] | None = None) -> list[Entry]:
        if at is not None:
            return super().entries(kind, at, keys)
        if keys is not None:
            if not self._any(kind):
                return []
            with self._about(()):
                return super().entries(kind, None, keys)
        if kind not in self._entries_known:
            with self._about(()):  # entries never wait
                self._entries_known[kind] = super().entries(kind)
        return list(self._entries_known[kind])

    def entry(self, kind: str, key: str, at: int | None = None) -> Entry | None:
        return super().entry(kind, key, at) if at is not None or self._any(kind) else None

    def _any(self, kind: str) -> bool:
        """Whether there is any current entry of a kind: of most there is none, and every batch of a group asks."""
        if kind not in self._kinds:
            cypher = (
                "MATCH (e:Entry) WHERE e.kind = $kind AND e.key IS NOT NULL AND e.since > 0 AND e.until IS NULL "
                "RETURN 1 LIMIT 1"
            )
            with self._about(()):
                self._kinds[kind] = bool(self._run(cypher, kind=kind))
        return self._kinds[kind]

    def entry_history(self, kind: str, key: str) -> list[Entry]:
        with self._about(()):
            return super().entry_history(kind, key)

    def scopes(self, subject: str) -> list[Scope]:
        known = self._ahead.scopes(subject)
        if known is not None:
            return sorted(known, key=lambda s: (s.section, s.source))
        with self._about([rows.standing(subject)]):
            return super().scopes(subject)

    def unseen(self, types: Collection[str], since: int, limit: int) -> list[Pending]:
        self.send_all()
        return super().unseen(types, since, limit)

    def scopes_after(self, subject: str, limit: int) -> list[Scope]:
        self.send_all()
        return super().scopes_after(subject, limit)

    def scopes_by_number(self, numbers: Collection[int]) -> dict[int, Scope]:
        with self._about(numbers):
            return super().scopes_by_number(numbers)

    def scopes_from(self, source: str, subjects: Collection[str] | None = None) -> list[Scope]:
        self.send_all()
        return super().scopes_from(source, subjects)

    def scopes_of(self, source: str, subject: str) -> dict[str, Scope]:
        known = self._ahead.scopes_of(source, subject)
        if known is not None:
            return known
        cypher = (
            "MATCH (s:Scope) WHERE s.subject = $subject AND s.source = $source AND s.section IS NOT NULL "
            "RETURN properties(s)"
        )
        with self._about([rows.standing(subject)]):
            found = self._run(cypher, subject=subject, source=source)
        return {row[0]["section"]: rows.scope(row[0]) for row in found}

    def identified(self, identifiers: Collection[str]) -> dict[str, list[str]]:
        known = self._ahead.identified(identifiers)
        if known is not None:
            return known
        asked = {bounded(i): i for i in identifiers}
        found: dict[str, list[str]] = {}
        if asked:
            cypher = "MATCH (i:Identifier) WHERE i.value IN $values AND i.id IS NOT NULL RETURN i.value, i.id"
            with self._about(identifiers):
                for value, id_ in self._run(cypher, values=list(asked)):
                    found.setdefault(asked[value], []).append(id_)
        self._ahead.learned(identifiers, found)
        return {value: sorted(ids) for value, ids in found.items()}

    def retired_parts(self, parent: str, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], Item]:
        with self._about([parent]):
            return self._retired_parts(parent, keys)

    def _retired_parts(self, parent: str, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], Item]:
        if not keys or not self._run(
            "MATCH (p:Past) WHERE p.parent = $parent AND p.until > 0 RETURN 1 LIMIT 1", parent=parent
        ):
            return {}
        asked = [rows.part_key(parent, class_name, key) for class_name, key in keys]
        cypher = "MATCH (p:Past) WHERE p.retired_part IN $keys RETURN properties(p) ORDER BY p.until"
        states = [rows.past(row[0]) for row in self._run(cypher, keys=asked)]
        last = self.last_states([state.id for state in states])
        # A part that has moved on since is retired there, or not at all.
        return {(s.class_name, s.key): s for s in states if last[s.id].until == s.until}

    def claims_of(self, scopes: Collection[int]) -> list[Claim]:
        if not scopes:
            return []
        if self._outbox.holds(END_CLAIMS):  # It ends claims on what retired, of whichever scope they are.
            self.send_all()
        cypher = "MATCH (c:Claim) WHERE c.scope IN $scopes RETURN properties(c)"
        with self._about(scopes):
            return [rows.claim(row[0]) for row in self._run(cypher, scopes=list(scopes))]

    def links_of(self, scopes: Collection[int]) -> list[Link]:
        if not scopes:
            return []
        # A range index on relationships is of one type, so one part of the union for each.
        cypher = " UNION ALL ".join(
            f"MATCH ()-[r:{name}]->() WHERE r._scope IN $scopes RETURN {LINK}" for name in RELATIONSHIP_TYPES
        )
        with self._about(scopes):
            found = map(rows.link, self._run(cypher, scopes=list(scopes)))
        return sorted(found, key=lambda k: (k.type, k.subject, k.object))

    def links_by_key(self, keys: Collection[LinkKey]) -> dict[LinkKey, Link]:
        found: dict[LinkKey, Link] = {}
        for name, ends in by_type(keys).items():
            cypher = (
                f"UNWIND $ends AS k MATCH (s:CI {{id: k[0]}})-[r:{name}]->(o:CI {{id: k[1]}}) WHERE r._seal IS NOT NULL "
                f"RETURN {LINK}"
            )
            with self._about(map(rows.target, keys)):
                for row in self._run(cypher, ends=ends):
                    one = rows.link(row)
                    found[one.key] = one
        return {key: found[key] for key in keys if key in found}

    def pending(self, nears: Collection[str]) -> list[Pending]:
        with self._about(nears):
            return super().pending(nears)

    def pending_of(self, scopes: Collection[int]) -> list[Pending]:
        known = self._ahead.pending_of(scopes)
        if known is not None:
            return known
        with self._about(scopes):
            return self._pending("p.scope IN $scopes", scopes=list(scopes))

    def pending_at(self, domain: str, addresses: Collection[str]) -> list[Pending]:
        with self._about(rows.reference_place(domain, address) for address in addresses):
            return self._pending(
                "p.domain = $domain AND p.address IN $addresses", domain=domain, addresses=list(addresses)
            )

    def pending_to(self, fars: Collection[str]) -> list[Pending]:
        with self._about(fars):
            return self._pending("p.far IN $fars", fars=list(fars))

    def receipt(self, batch: str) -> dict[str, Any] | None:
        if batch in self._ahead.new_batches:
            return None
        with self._about([batch]):
            found = self._run("MATCH (r:Revision) WHERE r.batch = $batch RETURN r.receipt", batch=batch)
        return json.loads(found[0][0]) if found and found[0][0] else None

    def same(self, source: str, subject: str) -> str | None:
        known = self._ahead.same(source, subject)
        if known is not None:
            return known[0]
        cypher = "MATCH (s:Same) WHERE s.subject = $subject AND s.source = $source RETURN s.digest"
        with self._about([subject]):
            found = self._run(cypher, subject=subject, source=source)
        return found[0][0] if found else None

    # -- asking and sending --------------------------------------------------------------------------------------------

    def _ask(self, cypher: str, /, **parameters: Any) -> list[list[Any]]:
        if not self._settled:
            self.send_all()
        return self._server(cypher, **parameters)

    @contextmanager
    def _about(self, asked: Iterable[str | int]) -> Iterator[None]:
        """Within it, questions are about these ids, scopes, identifiers or places, and nothing else."""
        if self._settled:
            yield
            return
        if not self._outbox.touched.isdisjoint(asked):
            self.send_all()
        self._settled = True
        try:
            yield
        finally:
            self._settled = False

    def _send(self, cypher: str, expected: int = 0, /, **parameters: Any) -> None:
        """Send a statement at once, behind all that waits."""
        self.send_all()
        self._entries_known.clear()
        self._outbox.send(cypher, expected, **parameters)

    def send_all(self) -> None:
        """Send what waits."""
        self._outbox.send_all()
