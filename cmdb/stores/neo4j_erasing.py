"""The part of the Neo4j store that erases values: states and documents written anew.

The server's transaction logs and backups are its own; docs/security.md says what to do with them.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence

from cmdb.model.values import canonical
from cmdb.states import Item
from cmdb.stores import neo4j_rows as rows
from cmdb.stores.neo4j_questions import Questions

STATES = "UNWIND $rows AS r MATCH (p:Past) WHERE p.id = r[0] AND p.until = r[1] SET p.attributes = r[2], p.seal = r[3]"
DOCUMENTS = "UNWIND $rows AS r MATCH (d:Document {digest: r[0]}) SET d.data = r[1]"


class Erasing(Questions):
    """Its part of a Transaction (ports.py)."""

    def rewrite(self, states: Sequence[Item], documents: Mapping[str, bytes]) -> None:
        left = [[s.id, s.until, canonical(s.attributes), rows.seal(s.salt, s.digest)] for s in states]
        self._send(STATES, rows=left)
        self._send(DOCUMENTS, rows=[[address, zlib.compress(data, 6)] for address, data in documents.items()])
