"""Numbers of the words that the SQLite store writes often: classes, relationship types, attributes.

Declared words are numbered when a store is opened. Those of own attributes come with their first value, in the transaction that
writes it, which another process may have been: so a word that is not known is looked up, and what is found so is kept no longer
than the view, since a transaction may be rolled back.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

NEVER = 0
"""The number of a word that was never written: no row has it."""


class Codes(dict[str, int]):
    """Number by word, as one view has it; `may_add` where that is a transaction, which gives new words a number."""

    def __init__(self, known: Mapping[str, int], connection: sqlite3.Connection, may_add: bool = False) -> None:
        super().__init__(known)
        self._db = connection
        self._may_add = may_add

    def __missing__(self, word: str) -> int:
        row = self._db.execute("SELECT code FROM word WHERE word = ?", (word,)).fetchone()
        if row is None and not self._may_add:
            return NEVER
        code = (
            int(row[0])
            if row is not None
            else self._db.execute("INSERT INTO word (word) VALUES (?)", (word,)).lastrowid
        )
        assert code is not None, "an insert has a row number"
        self[word] = code
        return code
