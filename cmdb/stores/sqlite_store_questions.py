"""What ingest asks of the SQLite store within its transaction (the first part of a Transaction, ports.py)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable
from typing import Any

from cmdb.states import Asked, Claim, Entry, Item, Link, LinkKey, Pending, Scope
from cmdb.stores import sqlite_rows as rows
from cmdb.stores.sqlite_store_records import CLAIM, LINK_CLAIM
from cmdb.stores.sqlite_store_view import SqliteView


class SqliteQuestions(SqliteView):
    """A view of what the transaction has written so far."""

    def __init__(self, connection: sqlite3.Connection, words: dict[int, str], codes: dict[str, int]) -> None:
        super().__init__(connection, words, codes)
        self._entries_known: dict[str, list[Entry]] = {}
        """Current entries of whole kinds, until one is written: every batch of a group asks for the same few."""
        self._kinds: dict[str, bool] = {}
        """Kinds of which there is no current entry (False), or of which there has been one in this transaction."""

    def entry(self, kind: str, key: str, at: int | None = None) -> Entry | None:
        return super().entry(kind, key, at) if at is not None or self._any(kind) else None

    def entries(self, kind: str, at: int | None = None, keys: Collection[str] | None = None) -> list[Entry]:
        if at is not None:
            return super().entries(kind, at, keys)
        if keys is not None:
            return super().entries(kind, None, keys) if self._any(kind) else []
        if kind not in self._entries_known:
            self._entries_known[kind] = super().entries(kind)
        return list(self._entries_known[kind])

    def _any(self, kind: str) -> bool:
        if kind not in self._kinds:
            found = self._db.execute("SELECT 1 FROM entry WHERE kind = ? LIMIT 1", (kind,)).fetchone()
            self._kinds[kind] = found is not None
        return self._kinds[kind]

    def scopes_of(self, source: str, subject: str) -> dict[str, Scope]:
        sql = f"SELECT {rows.SCOPE} FROM scope WHERE subject = ? AND source = ?"
        return {r[4]: rows.scope(r) for r in self._db.execute(sql, (subject, source))}

    def foresee(self, asked: Iterable[Asked]) -> None:
        """Nothing is gained by reading ahead where a question costs no round trip."""

    def identified(self, identifiers: Collection[str]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for value, id_ in self._chunked("SELECT value, id FROM identifier WHERE value IN ({})", identifiers):
            found.setdefault(value, []).append(id_)
        return {value: sorted(ids) for value, ids in found.items()}

    def retired_parts(self, parent: str, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], Item]:
        if (
            not keys
            or not self._db.execute("SELECT 1 FROM past WHERE parent = ? AND retired LIMIT 1", (parent,)).fetchone()
        ):
            return {}
        sql = f"SELECT {rows.PAST_ITEM} FROM past WHERE parent = ? AND class = ? AND key = ? AND retired ORDER BY until"
        states = [
            rows.item(row, self._words)
            for class_name, key in keys
            for row in self._db.execute(sql, (parent, self._codes[class_name], key))
        ]
        last = self.last_states([state.id for state in states])
        # A part that has moved on since is retired there, or not at all.
        return {(s.class_name, s.key): s for s in states if last[s.id].until == s.until}

    def claims_of(self, scopes: Collection[int]) -> list[Claim]:
        sql = f"{CLAIM} WHERE claim.scope IN ({{}})"
        found = [rows.claim(r) for r in self._chunked(sql, scopes)]
        links = f"SELECT {LINK_CLAIM} AND c.scope IN ({{}})"
        return found + [rows.link_claim(r, self._words) for r in self._chunked(links, scopes)]

    def links_of(self, scopes: Collection[int]) -> list[Link]:
        found = self._chunked(f"SELECT {rows.LINK} WHERE link.scope IN ({{}})", scopes)
        return sorted((rows.link(r, self._words) for r in found), key=lambda k: (k.type, k.subject, k.object))

    def links_by_key(self, keys: Collection[LinkKey]) -> dict[LinkKey, Link]:
        sql = f"SELECT {rows.LINK} WHERE s.id = ? AND link.type = ? AND o.id = ?"
        found = (self._db.execute(sql, (k[0], self._codes[k[1]], k[2])).fetchone() for k in keys)
        return {one.key: one for one in (rows.link(r, self._words) for r in found if r)}

    def pending_of(self, scopes: Collection[int]) -> list[Pending]:
        return self._pending("scope IN ({})", scopes)

    def pending_at(self, domain: str, addresses: Collection[str]) -> list[Pending]:
        return self._pending("address IN ({}) AND domain = ?", addresses, domain)

    def pending_to(self, fars: Collection[str]) -> list[Pending]:
        return self._pending("far IN ({})", fars)

    def receipt(self, batch: str) -> dict[str, Any] | None:
        row = self._db.execute("SELECT receipt FROM revision WHERE batch = ?", (batch,)).fetchone()
        return json.loads(row[0]) if row and row[0] else None

    def same(self, source: str, subject: str) -> str | None:
        row = self._db.execute("SELECT digest FROM same WHERE subject = ? AND source = ?", (subject, source)).fetchone()
        return row[0] if row else None

    def _pending(self, condition: str, values: Collection[Any], *more: Any) -> list[Pending]:
        found: Iterable[Any] = self._chunked(f"SELECT {rows.PENDING} FROM pending WHERE {condition}", values, more)
        return sorted((rows.pending(r) for r in found), key=lambda p: p.key)
