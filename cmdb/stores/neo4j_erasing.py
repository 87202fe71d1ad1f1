"""The part of the Neo4j store that erases values: what is left of states, entries, documents and receipts written anew.

The server's transaction logs and backups are its own; docs/security.md says what to do with them.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection
from typing import Any

from cmdb.model.values import canonical
from cmdb.states import Rewritten
from cmdb.stores import neo4j_rows as rows
from cmdb.stores.neo4j_questions import Questions

STATES = "UNWIND $rows AS r MATCH (p:Past) WHERE p.id = r[0] AND p.until = r[1] SET p.attributes = r[2], p.seal = r[3]"
LINKS = (
    "UNWIND $rows AS r MATCH (p:PastLink) WHERE p.subject = r[0] AND p.until = r[3] AND p.type = r[1] AND p.object = r[2] "
    "SET p.attributes = r[4], p.seal = r[5]"
)
ENTRIES = (
    "UNWIND $rows AS r MATCH (e:Entry) WHERE e.kind = r[0] AND e.key = r[1] AND e.since = r[2] "
    "SET e.value = r[3], e.seal = r[4]"
)
DOCUMENTS = "UNWIND $rows AS r MATCH (d:Document {digest: r[0]}) SET d.data = r[1]"
RECEIPTS = "UNWIND $rows AS r MATCH (n:Revision {number: r[0]}) SET n.receipt = r[1]"


class Erasing(Questions):
    """Its part of a Transaction (ports.py)."""

    def receipts(
        self, after: int, limit: int, holding: Collection[str] | None = None
    ) -> list[tuple[int, dict[str, Any]]]:
        among = "" if holding is None else "AND any(text IN $holding WHERE r.receipt CONTAINS text) "
        cypher = (
            f"MATCH (r:Revision) WHERE r.number > $after AND r.receipt IS NOT NULL {among}"
            "RETURN r.number, r.receipt ORDER BY r.number LIMIT $limit"
        )
        given = None if holding is None else [json.dumps(text)[1:-1] for text in holding]
        found = self._run(cypher, after=after, limit=limit, holding=given)
        return [(number, json.loads(text)) for number, text in found]

    def rewrite(self, left: Rewritten) -> None:
        self._send(
            STATES, rows=[[s.id, s.until, canonical(s.attributes), rows.seal(s.salt, s.digest)] for s in left.states]
        )
        self._send(
            LINKS,
            rows=[
                [k.subject, k.type, k.object, k.until, canonical(k.attributes), rows.seal(k.salt, k.digest)]
                for k in left.links
            ],
        )
        self._send(
            ENTRIES,
            rows=[[e.kind, e.key, e.since, canonical(e.value), rows.seal(e.salt, e.digest)] for e in left.entries],
        )
        self._send(DOCUMENTS, rows=[[address, zlib.compress(data, 6)] for address, data in left.documents.items()])
        self._send(RECEIPTS, rows=[[number, json.dumps(receipt)] for number, receipt in left.receipts.items()])
