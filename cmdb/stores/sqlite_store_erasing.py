"""The part of the SQLite store that erases values: what is left of states, entries, documents and receipts is written anew, and
files lose their old bytes."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Collection
from typing import Any

from cmdb.model.values import canonical
from cmdb.states import Rewritten
from cmdb.stores.sqlite_store_freeing import SqliteFreeing


class SqliteErasing(SqliteFreeing):
    """Its part of a Transaction (ports.py)."""

    def receipts(
        self, after: int, limit: int, holding: Collection[str] | None = None
    ) -> list[tuple[int, dict[str, Any]]]:
        among, given = "", list[Any]()
        if holding is not None:
            among = "AND EXISTS (SELECT 1 FROM json_each(?) AS text WHERE instr(receipt, text.value)) "
            given = [json.dumps([json.dumps(text)[1:-1] for text in holding])]
        sql = f"SELECT number, receipt FROM revision WHERE number > ? AND receipt IS NOT NULL {among}ORDER BY number LIMIT ?"
        return [(number, json.loads(text)) for number, text in self._db.execute(sql, (after, *given, limit))]

    def rewrite(self, left: Rewritten) -> None:
        self._db.executemany(
            "UPDATE past SET attributes = ?, salt = ? WHERE id = ? AND until = ?",
            [(canonical(state.attributes), state.salt, state.id, state.until) for state in left.states],
        )
        self._db.executemany(
            "UPDATE past_link SET attributes = ?, salt = ? WHERE subject = ? AND type = ? AND object = ? AND until = ?",
            [(canonical(k.attributes), k.salt, k.subject, self._codes[k.type], k.object, k.until) for k in left.links],
        )
        self._db.executemany(
            "UPDATE past_entry SET value = ?, salt = ? WHERE kind = ? AND key = ? AND until = ?",
            [(canonical(e.value), e.salt, e.kind, e.key, e.until) for e in left.entries],
        )
        self._db.executemany(
            "UPDATE document SET data = ? WHERE digest = ?",
            [(zlib.compress(data, 6), address) for address, data in left.documents.items()],
        )
        self._db.executemany(
            "UPDATE revision SET receipt = ? WHERE number = ?",
            [(json.dumps(receipt), number) for number, receipt in left.receipts.items()],
        )


def scrub(connection: sqlite3.Connection) -> bool:
    """Write the whole file anew and empty the log, so that no page has what was erased; False where a reader of another
    connection keeps the log.

    The search index holds deleted words until its segments are merged (sqlite.org/fts5.html, `optimize`), the file deleted rows
    until VACUUM.
    """
    connection.execute("INSERT INTO text (text) VALUES ('optimize')")
    connection.execute("VACUUM")
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy
