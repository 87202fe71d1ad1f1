"""The part of the SQLite store that erases values: states and documents written anew, and files without their old bytes."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Mapping, Sequence

from cmdb.model.values import canonical
from cmdb.states import Item
from cmdb.stores.sqlite_store_freeing import SqliteFreeing


class SqliteErasing(SqliteFreeing):
    """Its part of a Transaction (ports.py)."""

    def rewrite(self, states: Sequence[Item], documents: Mapping[str, bytes]) -> None:
        self._db.executemany(
            "UPDATE past SET attributes = ?, salt = ? WHERE id = ? AND until = ?",
            [(canonical(state.attributes), state.salt, state.id, state.until) for state in states],
        )
        self._db.executemany(
            "UPDATE document SET data = ? WHERE digest = ?",
            [(zlib.compress(data, 6), address) for address, data in documents.items()],
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
