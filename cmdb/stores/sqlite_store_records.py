"""What the SQLite store keeps beside states: claims, scopes, coverage, readings, references, entries, documents."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from cmdb.model.errors import StoreError
from cmdb.states import Claim, Coverage, Entry, LinkKey, Pending, Raw, RawStanding, Scope
from cmdb.stores import sqlite_rows as rows

CHUNK = 500
"""Values in one IN list."""

CLAIM = "SELECT claim.scope, ci.id, claim.attributes, claim.identifiers FROM claim JOIN ci ON num = ci"
LINK_CLAIM = (
    "c.scope, s.id, c.type, o.id, c.attributes FROM link_claim c, ci s, ci o "
    "WHERE s.num = c.subject AND o.num = c.object"
)


class SqliteRecords:
    """Their part of a View (ports.py), over one connection that holds a read transaction."""

    def __init__(self, connection: sqlite3.Connection, words: dict[int, str], codes: dict[str, int]) -> None:
        self._db = connection
        self._words = words
        self._codes = codes

    # -- claims, scopes, coverage ------------------------------------------------------------------------------------------

    def coverage(self, subjects: Collection[str] | None = None, at_time: int | None = None) -> list[Coverage]:
        time = "" if at_time is None else " AND seen_at <= ?"
        sql = f"SELECT {rows.COVERAGE} FROM coverage WHERE {{}}{time} ORDER BY seen_at"
        if subjects is None:
            found: Iterable[Any] = self._db.execute(sql.format("1"), given(at_time))
        else:
            found = self._chunked(sql.replace("{}", "subject IN ({})"), subjects, given(at_time))
        newest = {(r[0], r[2], r[1]): r for r in found}
        return [rows.coverage(newest[k]) for k in sorted(newest)]

    def coverage_history(self, subject: str) -> list[Coverage]:
        sql = f"SELECT {rows.COVERAGE} FROM coverage WHERE subject = ? ORDER BY section, source, seen_at"
        return [rows.coverage(r) for r in self._db.execute(sql, (subject,))]

    def scopes(self, subject: str) -> list[Scope]:
        sql = f"SELECT {rows.SCOPE} FROM scope WHERE subject = ? ORDER BY section, source"
        return [rows.scope(r) for r in self._db.execute(sql, (subject,))]

    def scopes_after(self, subject: str, limit: int) -> list[Scope]:
        sql = (
            f"SELECT {rows.SCOPE} FROM scope WHERE subject IN "
            "(SELECT DISTINCT subject FROM scope WHERE subject > ? ORDER BY subject LIMIT ?) "
            "ORDER BY subject, section, source"
        )
        return [rows.scope(r) for r in self._db.execute(sql, (subject, limit))]

    def scopes_by_number(self, numbers: Collection[int]) -> dict[int, Scope]:
        sql = f"SELECT {rows.SCOPE} FROM scope WHERE number IN ({{}})"
        return {r[0]: rows.scope(r) for r in self._chunked(sql, numbers)}

    def scopes_from(self, source: str, subjects: Collection[str] | None = None) -> list[Scope]:
        sql = f"SELECT {rows.SCOPE} FROM scope WHERE {{}}source = ?"
        if subjects is None:
            found: Iterable[Any] = self._db.execute(sql.format(""), (source,))
        else:
            found = self._chunked(sql.replace("{}", "subject IN ({}) AND "), subjects, (source,))
        return sorted(map(rows.scope, found), key=lambda s: (s.subject, s.section))

    def claims(self, targets: Collection[str | LinkKey]) -> list[Claim]:
        sql = f"{CLAIM} WHERE ci.id IN ({{}})"
        found = [rows.claim(r) for r in self._chunked(sql, [t for t in targets if isinstance(t, str)])]
        sql = f"SELECT {LINK_CLAIM} AND c.subject = ? AND c.type = ? AND c.object = ?"
        for target in targets:
            if not isinstance(target, str):
                key = self._link_nums(target)
                found += [rows.link_claim(r, self._words) for r in self._db.execute(sql, key or (0, 0, 0))]
        return sorted(found, key=lambda c: (not isinstance(c.target, str), c.target, c.scope))

    def readings(self, subject: str) -> dict[str, dict[str, Any]]:
        sql = "SELECT section, value FROM reading WHERE subject = ? ORDER BY section"
        return {section: json.loads(value) for section, value in self._db.execute(sql, (subject,))}

    def pending(self, nears: Collection[str]) -> list[Pending]:
        found = [
            rows.pending(r) for r in self._chunked(f"SELECT {rows.PENDING} FROM pending WHERE near IN ({{}})", nears)
        ]
        return sorted(found, key=lambda p: p.key)

    # -- entries and documents ---------------------------------------------------------------------------------------------

    def unseen(self, types: Collection[str], since: int, limit: int) -> list[Pending]:
        sql = (
            f"SELECT {rows.PENDING} FROM pending WHERE last_seen < ? AND type IN (SELECT value FROM json_each(?)) "
            "ORDER BY scope, type, near, near_end, domain, address, protocol, port LIMIT ?"
        )
        return [rows.pending(r) for r in self._db.execute(sql, (since, json.dumps(sorted(types)), limit))]

    def entry(self, kind: str, key: str, at: int | None = None) -> Entry | None:
        if at is None:
            return next(iter(self._current_entries(kind, [key])), None)
        return next((e for e in self.entry_history(kind, key) if _covers(e, at)), None)

    def unversioned(self, kind: str, key: str) -> dict[str, Any] | None:
        row = self._db.execute("SELECT value FROM note WHERE kind = ? AND key = ?", (kind, key)).fetchone()
        return json.loads(row[0]) if row else None

    def unversioned_of(self, kind: str, after: str, limit: int) -> list[tuple[str, dict[str, Any]]]:
        sql = "SELECT key, value FROM note WHERE kind = ? AND key > ? ORDER BY key LIMIT ?"
        return [(key, json.loads(value)) for key, value in self._db.execute(sql, (kind, after, limit))]

    def entries(self, kind: str, at: int | None = None, keys: Collection[str] | None = None) -> list[Entry]:
        if at is None:
            return self._current_entries(kind, keys)
        sql = (
            "SELECT kind, key, value, since, salt, digest, NULL AS until FROM entry WHERE kind = ?{0} UNION ALL "
            "SELECT kind, key, value, since, salt, digest, until FROM past_entry WHERE kind = ?{0} ORDER BY key, since"
        )
        if keys is None:
            found = list(map(rows.entry, self._db.execute(sql.format(""), (kind, kind))))
        else:
            listed = json.dumps(sorted(keys))
            among = " AND key IN (SELECT value FROM json_each(?))"
            found = list(map(rows.entry, self._db.execute(sql.format(among), (kind, listed, kind, listed))))
        return [e for e in found if _covers(e, at)]

    def _current_entries(self, kind: str, keys: Collection[str] | None) -> list[Entry]:
        sql = "SELECT kind, key, value, since, salt, digest FROM entry WHERE kind = ?{0} ORDER BY key"
        if keys is None:
            return list(map(rows.entry, self._db.execute(sql.format(""), (kind,))))
        among = " AND key IN (SELECT value FROM json_each(?))"
        return list(map(rows.entry, self._db.execute(sql.format(among), (kind, json.dumps(sorted(keys))))))

    def entry_history(self, kind: str, key: str) -> list[Entry]:
        sql = (
            "SELECT kind, key, value, since, salt, digest, until FROM past_entry WHERE kind = ? AND key = ? UNION ALL "
            "SELECT kind, key, value, since, salt, digest, NULL FROM entry WHERE kind = ? AND key = ? ORDER BY since"
        )
        return [rows.entry(r) for r in self._db.execute(sql, (kind, key, kind, key))]

    def documents(self, digests: Collection[str]) -> dict[str, bytes]:
        found = self._chunked("SELECT digest, data FROM document WHERE digest IN ({})", digests)
        try:
            return {digest: zlib.decompress(data) for digest, data in found}
        except zlib.error as error:
            raise StoreError(f"A stored document is damaged ({error}); restore it from a backup.") from error

    # -- raw batches -------------------------------------------------------------------------------------------------------

    def raws(self, after: int = 0, limit: int = 1000) -> list[Raw]:
        sql = f"SELECT {rows.RAW} FROM raw WHERE number > ? ORDER BY number LIMIT ?"
        return [rows.raw(r) for r in self._db.execute(sql, (after, limit))]

    def raw_bodies(self, digests: Collection[str]) -> dict[str, bytes]:
        return dict(self._chunked("SELECT digest, data FROM raw_body WHERE digest IN ({})", digests))

    def raw_standing(self) -> RawStanding:
        sql = (
            "SELECT (SELECT count(*) FROM raw), (SELECT coalesce(sum(size_bytes), 0) FROM raw) + "
            "(SELECT coalesce(sum(size_bytes), 0) FROM raw_body), "
            "coalesce((SELECT received_at FROM raw ORDER BY number LIMIT 1), 0)"
        )
        return RawStanding(*self._db.execute(sql).fetchone())

    # -- pieces ------------------------------------------------------------------------------------------------------------

    def _num(self, id_: str) -> int | None:
        row = self._db.execute("SELECT num FROM ci WHERE id = ?", (id_,)).fetchone()
        return row[0] if row else None

    def _link_nums(self, key: LinkKey) -> tuple[int, int, int] | None:
        subject, object_ = self._num(key[0]), self._num(key[2])
        return None if subject is None or object_ is None else (subject, self._codes[key[1]], object_)

    def _chunked(self, sql: str, values: Collection[Any], more: Sequence[Any] = ()) -> Iterator[Any]:
        """Rows of a statement with an IN list, `{}` in it, that may be long."""
        listed_values = list(values)
        for start in range(0, len(listed_values), CHUNK):
            part = listed_values[start : start + CHUNK]
            yield from self._db.execute(sql.replace("{}", ",".join("?" * len(part))), (*part, *more))


def given(value: int | None) -> tuple[int, ...]:
    """A parameter where there is one."""
    return () if value is None else (value,)


def _covers(entry: Entry, at: int | None) -> bool:
    return entry.until is None if at is None else entry.since <= at and (entry.until is None or entry.until > at)
