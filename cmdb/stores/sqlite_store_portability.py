"""A SQLite store as records of no store's make, and the other way round (cmdb/portable.py)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import Any

from cmdb.model.errors import StoreError
from cmdb.portable import (
    PASSING_NOTES,
    Birth,
    Document,
    Identifier,
    KeptEntry,
    KeptRevision,
    Note,
    RawBody,
    Reading,
    Record,
    Same,
    kept_entry,
    kept_revision,
    misfit,
    parents_first,
)
from cmdb.states import Claim, Commit, Coverage, Head, Item, Link, Pending, Raw, Scope, SweepRecord, SweepTarget
from cmdb.stores import sqlite_rows as rows
from cmdb.stores import sqlite_store_sweeps as sweeps
from cmdb.stores.sqlite_store_records import CLAIM, LINK_CLAIM
from cmdb.stores.sqlite_store_transaction import SqliteTransaction
from cmdb.stores.sqlite_store_view import SqliteView

CHUNK = 5_000
"""Records that are written by one statement."""

CARRIED = {
    *(
        "revision",
        "ci",
        "link",
        "past",
        "past_link",
        "identifier",
        "scope",
        "coverage",
        "claim",
        "link_claim",
        "pending",
    ),
    *("reading", "same", "entry", "past_entry", "note", "document", "raw", "raw_body", "sweep", "sweep_target"),
}
"""Tables that records are made of."""

DERIVED = {"meta", "word", "head", "key", "text"}
"""Tables that follow from them, or are born with the store. A test sees that no table is in neither."""


def birth(meta: dict[str, str]) -> Birth:
    return Birth(meta["genesis"], bytes.fromhex(meta["digest_key"]), int(meta["born_at"]))


def records(view: SqliteView) -> Iterator[Record]:
    """Everything that the view's transaction sees."""
    db, words = view._db, view._words
    for row in db.execute(f"SELECT {rows.REVISION}, receipt FROM revision ORDER BY number"):
        yield kept_revision(rows.revision(row[:-1]), row[-1], view.changed(row[0] - 1, row[0]))
    for name in parents_first():
        for row in db.execute(f"SELECT {rows.ITEM} FROM ci WHERE class = ?", (view._codes[name],)):
            yield rows.item(row, words)
    for row in db.execute(f"SELECT {rows.PAST_ITEM} FROM past ORDER BY id, until"):
        yield rows.item(row, words)
    for row in db.execute("SELECT value, id FROM identifier"):
        yield Identifier(*row)
    for row in db.execute(f"SELECT {rows.LINK}"):
        yield rows.link(row, words)
    for row in db.execute(f"SELECT {rows.PAST_LINK}"):
        yield rows.link(row, words)
    yield from _beside(db, words)


def _beside(db: sqlite3.Connection, words: dict[int, str]) -> Iterator[Record]:
    """What stands beside states."""
    yield from map(rows.scope, db.execute(f"SELECT {rows.SCOPE} FROM scope ORDER BY number"))
    yield from map(rows.coverage, db.execute(f"SELECT {rows.COVERAGE} FROM coverage"))
    yield from map(rows.claim, db.execute(CLAIM))
    for row in db.execute(f"SELECT {LINK_CLAIM}"):
        yield rows.link_claim(row, words)
    yield from map(rows.pending, db.execute(f"SELECT {rows.PENDING} FROM pending"))
    for subject, section, value in db.execute("SELECT subject, section, value FROM reading"):
        yield Reading(subject, section, json.loads(value))
    for row in db.execute("SELECT source, subject, digest FROM same"):
        yield Same(*row)
    for row in db.execute("SELECT kind, key, value, since, salt, digest, until, retired FROM past_entry"):
        yield kept_entry(rows.entry(row[:7]), bool(row[7]))
    for row in db.execute("SELECT kind, key, value, since, salt, digest FROM entry"):
        yield kept_entry(rows.entry(row), False)
    for kind, key, value in db.execute("SELECT kind, key, value FROM note"):
        if kind not in PASSING_NOTES:
            yield Note(kind, key, json.loads(value))
    for row in db.execute("SELECT digest, data FROM document"):
        yield Document(*row)
    yield from map(rows.raw, db.execute(f"SELECT {rows.RAW} FROM raw ORDER BY number"))
    for row in db.execute("SELECT digest, uses, data FROM raw_body"):
        yield RawBody(*row)
    yield from map(sweeps.record, db.execute(f"SELECT {sweeps.SWEEP} FROM sweep ORDER BY number"))
    yield from map(sweeps.target, db.execute(f"SELECT {sweeps.TARGET} FROM sweep_target"))


def load(tx: SqliteTransaction, given: Birth, head: Head, found: Iterable[Record]) -> None:
    """Fill the empty store of the transaction. Raises StoreError where it is not empty, or does not end in `head`."""
    db = tx._db
    used = db.execute(
        "SELECT (SELECT number FROM head) OR EXISTS (SELECT 1 FROM scope) OR EXISTS (SELECT 1 FROM document)"
    ).fetchone()[0]
    if used:
        raise StoreError(
            "The store is not empty: a backup is restored into a new one only. Name another with --store, or move this one away."
        )
    loader = _Loader(tx)
    for of, alike in groupby(found, type):
        while chunk := list(islice(alike, CHUNK)):
            try:
                loader.write[of](chunk)
            except sqlite3.IntegrityError as error:
                raise misfit(error) from error
    db.execute(
        "UPDATE head SET number = ?, committed_at = ?, digest = ?", (head.number, head.committed_at, head.digest)
    )
    meta = {"genesis": given.genesis, "digest_key": given.digest_key.hex(), "born_at": str(given.born_at)}
    db.executemany("UPDATE meta SET value = ? WHERE key = ?", [(value, key) for key, value in meta.items()])
    last = db.execute("SELECT number, committed_at, digest FROM revision ORDER BY number DESC LIMIT 1").fetchone()
    if (last or (0, 0, "")) != (head.number, head.committed_at, head.digest):
        raise StoreError(
            f"What was read ends with revision {last[0] if last else 0}, not with {head.number}: use another one."
        )


class _Loader:
    """Writes chunks of records of one kind."""

    def __init__(self, tx: SqliteTransaction) -> None:
        self._tx = tx
        self._db = tx._db
        self._codes = tx._codes
        self.write: dict[type, Callable[[Sequence[Any]], None]] = {
            KeptRevision: self._revisions,
            Item: self._items,
            Link: self._links,
            Identifier: self._identifiers,
            Scope: tx._put_scopes,
            Coverage: lambda of: tx.write(Commit(coverage=list(of))),
            Claim: lambda of: tx.write(Commit(claims=list(of))),
            Pending: lambda of: tx.write(Commit(pending=list(of))),
            Reading: lambda of: tx.write(Commit(readings=[(r.subject, r.section, r.value) for r in of])),
            Same: lambda of: self._all("same", [(s.subject, s.source, s.digest) for s in of]),
            KeptEntry: self._entries,
            Note: self._notes,
            Document: lambda of: self._all("document", [(d.digest, d.data) for d in of]),
            Raw: self._raws,
            RawBody: lambda of: self._all("raw_body", [(b.digest, b.uses, len(b.data), b.data) for b in of]),
            SweepRecord: lambda of: self._all("sweep", [sweeps.row_of(s) for s in of]),
            SweepTarget: tx.put_sweep_targets,
        }

    def _all(self, table: str, values: Sequence[tuple[Any, ...]]) -> None:
        if values:
            marks = ", ".join("?" * len(values[0]))
            self._db.executemany(f"INSERT INTO {table} VALUES ({marks})", values)

    def _identifiers(self, of: Sequence[Identifier]) -> None:
        # Those of current CIs are there with them.
        self._db.executemany("INSERT OR IGNORE INTO identifier VALUES (?, ?)", [(i.value, i.id) for i in of])

    def _raws(self, of: Sequence[Raw]) -> None:
        marks = ", ".join("?" * (len(rows.RAW.split(", ")) + 1))
        sql = f"INSERT INTO raw ({rows.RAW}, size_bytes) VALUES ({marks})"
        self._db.executemany(sql, map(rows.raw_values, of))

    def _notes(self, of: Sequence[Note]) -> None:
        for one in of:
            self._tx.put_unversioned(one.kind, one.key, one.value)

    def _revisions(self, of: Sequence[KeptRevision]) -> None:
        names = rows.REVISION.split(", ")
        values = [
            (*(getattr(r, name) for name in names), None if r.receipt is None else json.dumps(r.receipt)) for r in of
        ]
        marks = ", ".join("?" * (len(names) + 1))
        self._db.executemany(f"INSERT INTO revision ({rows.REVISION}, receipt) VALUES ({marks})", values)

    def _items(self, of: Sequence[Item]) -> None:
        self._tx._create([i for i in of if i.until is None])
        past = [i for i in of if i.until is not None]
        nums: dict[str, int] = {}
        for item in past:
            if item.id not in nums:
                nums[item.id] = self._num(item.id)
        self._all(
            "past",
            [
                rows.past_item_values(i, nums[i.id], self._codes[i.class_name], i.until or 0, rows.end_of(i))
                for i in past
            ],
        )

    def _num(self, id_: str) -> int:
        """The store's number of a CI: that of its current or an earlier past state, else the next one."""
        sql = "SELECT num FROM ci WHERE id = ?1 UNION ALL SELECT num FROM past WHERE id = ?1 LIMIT 1"
        found = self._db.execute(sql, (id_,)).fetchone()
        if found is None:
            found = self._db.execute("UPDATE head SET next_num = next_num + 1 RETURNING next_num - 1").fetchone()
        number: int = found[0]
        return number

    def _links(self, of: Sequence[Link]) -> None:
        self._all("link", sorted(rows.link_values(k, self._tx._ends(k.key)) for k in of if k.until is None))
        past = [k for k in of if k.until is not None]
        values = [rows.past_link_values(k, self._codes[k.type], k.until or 0, rows.end_of(k)) for k in past]
        self._all("past_link", values)

    def _entries(self, of: Sequence[KeptEntry]) -> None:
        self._all("past_entry", [rows.past_entry_values(e, e.until, e.retired) for e in of if e.until is not None])
        self._all("entry", [rows.entry_values(e) for e in of if e.until is None])
