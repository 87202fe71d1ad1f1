"""Writing to the SQLite store: one BEGIN IMMEDIATE is one Transaction (ports.py)."""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from cmdb.model.values import canonical
from cmdb.states import Commit, Entry, Item, Link, LinkKey, Raw, Retirement, Scope
from cmdb.stores import sqlite_rows as rows
from cmdb.stores.sqlite_search import listed, search_rows
from cmdb.stores.sqlite_store_erasing import SqliteErasing
from cmdb.stores.sqlite_store_questions import SqliteQuestions


class SqliteTransaction(SqliteErasing, SqliteQuestions):
    """A view that sees its own writes."""

    # -- writing -------------------------------------------------------------------------------------------------------

    def number_scopes(self, scopes: Sequence[Scope]) -> None:
        if not scopes:
            return
        newest = self._db.execute("SELECT coalesce(max(number), 0) FROM scope").fetchone()[0]
        for number, scope in enumerate(scopes, newest + 1):
            scope.number = number
        self._put_scopes(scopes)

    def seen_again(self, scopes: Sequence[Scope]) -> None:
        self._db.executemany(
            "UPDATE scope SET observed_at = ?, seen_at = ?, sequence = ?, cost = ?, collected_at = ?, "
            "collected_sequence = ? WHERE number = ?",
            [
                (
                    s.observed_at,
                    s.seen_at,
                    s.sequence,
                    json.dumps(s.cost),
                    s.collected_at,
                    s.collected_sequence,
                    s.number,
                )
                for s in scopes
            ],
        )

    def put_document(self, digest: str, data: bytes) -> None:
        self._db.execute("INSERT OR IGNORE INTO document VALUES (?, ?)", (digest, zlib.compress(data, 6)))

    def put_raw(self, raw: Raw, bodies: Mapping[str, bytes]) -> None:
        raw.number = self._db.execute("SELECT coalesce(max(number), 0) + 1 FROM raw").fetchone()[0]
        values = rows.raw_values(raw)
        self._db.execute(f"INSERT INTO raw ({rows.RAW}, size_bytes) VALUES ({', '.join('?' * len(values))})", values)
        self._db.executemany(
            "INSERT INTO raw_body VALUES (?, 1, ?, ?) ON CONFLICT DO UPDATE SET uses = uses + 1",
            [(digest, len(data), data) for digest, data in bodies.items()],
        )

    def drop_raws(self, numbers: Collection[int]) -> None:
        found = self._chunked("SELECT bodies FROM raw WHERE number IN ({})", numbers)
        used = [(digest,) for (listed_bodies,) in list(found) for digest in json.loads(listed_bodies)]
        self._db.executemany("UPDATE raw_body SET uses = uses - 1 WHERE digest = ?", used)
        self._db.executemany("DELETE FROM raw_body WHERE digest = ? AND uses <= 0", used)
        self._db.executemany("DELETE FROM raw WHERE number = ?", [(number,) for number in numbers])

    def put_unversioned(self, kind: str, key: str, value: Mapping[str, Any]) -> None:
        self._db.execute("INSERT OR REPLACE INTO note VALUES (?, ?, ?)", (kind, key, json.dumps(value)))

    def remove_entry_value(self, kind: str, key: str) -> None:
        self._db.execute("DELETE FROM note WHERE kind = ? AND key = ?", (kind, key))

    def write(self, commit: Commit) -> None:
        if commit.scopes:
            self._put_scopes(commit.scopes)
        if commit.revision is not None:
            self._changes(commit, commit.revision.number)
            self._revision(commit)
        self._claims(commit)
        if commit.rescoped:
            self._db.executemany("UPDATE ci SET scope = ? WHERE id = ?", [(i.scope, i.id) for i in commit.rescoped])
        for link in commit.links_rescoped:
            self._db.execute(
                "UPDATE link SET scope = ? WHERE subject = ? AND type = ? AND object = ?",
                (link.scope, *self._ends(link.key)),
            )
        if commit.coverage:
            self._db.executemany(
                "INSERT OR REPLACE INTO coverage VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        c.subject,
                        c.section,
                        c.source,
                        c.seen_at,
                        c.outcome,
                        c.reason,
                        c.privilege,
                        c.version,
                        canonical(c.classes),
                        canonical(c.relations),
                    )
                    for c in commit.coverage
                ],
            )
        if commit.readings:
            self._db.executemany(
                "INSERT OR REPLACE INTO reading VALUES (?, ?, ?)",
                [(s, n, json.dumps(v)) for s, n, v in commit.readings],
            )
        if commit.removed_pending:
            self._db.executemany(
                "DELETE FROM pending WHERE scope = ? AND type = ? AND near = ? AND near_end = ? AND domain = ? AND address = ? "
                "AND protocol = ? AND port = ?",
                [p.key for p in commit.removed_pending],
            )
        if commit.pending:
            self._db.executemany(
                f"INSERT OR REPLACE INTO pending ({rows.PENDING}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [rows.pending_row(p) for p in commit.pending],
            )
        if commit.same is not None:
            source, subject, digest = commit.same
            self._db.execute(
                "INSERT INTO same VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET digest = excluded.digest "
                "WHERE digest <> excluded.digest",
                (subject, source, digest),
            )

    def _put_scopes(self, scopes: Sequence[Scope]) -> None:
        self._db.executemany(
            f"INSERT OR REPLACE INTO scope ({rows.SCOPE}) VALUES ({','.join('?' * 19)})",
            [rows.scope_row(s) for s in scopes],
        )

    def _revision(self, commit: Commit) -> None:
        one = commit.revision
        assert one is not None
        receipt = json.dumps(commit.receipt) if commit.receipt is not None else None
        self._db.execute(
            f"INSERT INTO revision ({rows.REVISION}, receipt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                one.number,
                one.committed_at,
                one.kind,
                one.source,
                one.actor,
                one.cause,
                one.batch,
                one.batch_digest,
                one.observed_at,
                one.received_at,
                one.previous,
                one.digest,
                one.changes,
                receipt,
            ),
        )
        self._db.execute(
            "UPDATE head SET number = ?, committed_at = ?, digest = ?", (one.number, one.committed_at, one.digest)
        )

    def _changes(self, commit: Commit, number: int) -> None:
        for link, end in commit.links_retired:
            self._end_link(link, number, end)
        for old_link, link in commit.links_updated:
            self._end_link(old_link, number, None)
            commit.links_created.append(link)
        for item, end in commit.retired:
            self._end_item(item, number, end)
        # A part may move to a whole that is created here, and what is created may have the key of a part that moved away.
        self._create([item for item in commit.created if item.parent is None])
        for old, new in commit.updated:
            self._end_item(old, number, None, new)
        self._create([item for item in commit.created if item.parent is not None])
        self._db.executemany(
            "INSERT INTO link VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            sorted(rows.link_values(k, self._ends(k.key)) for k in commit.links_created),
        )
        del commit.links_created[len(commit.links_created) - len(commit.links_updated) :]
        self._entries(commit, number)

    def _entries(self, commit: Commit, number: int) -> None:
        if commit.entries_removed or commit.entries_put:
            self._entries_known.clear()
        for entry, _ in commit.entries_removed:
            self._end_entry(entry, number, True)
        for entry in commit.entries_put:
            before = self.entry(entry.kind, entry.key)
            if before is not None:
                self._end_entry(before, number, False)
            self._kinds[entry.kind] = True
            self._db.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)", rows.entry_values(entry))

    def _create(self, items: Sequence[Item]) -> None:
        if not items:
            return
        number = self._db.execute("SELECT next_num FROM head").fetchone()[0]
        nums: dict[str, int] = {}
        for item in items:
            back = None
            if item.born != item.since:
                back = self._db.execute("SELECT num FROM past WHERE id = ? LIMIT 1", (item.id,)).fetchone()
            if back is not None:
                nums[item.id] = back[0]
            else:
                nums[item.id] = number
                number += 1
        self._db.execute("UPDATE head SET next_num = ?", (number,))
        ci_rows, keys, texts, identifiers = [], [], [], []
        parents: dict[str, int | None] = {}
        for item in items:
            num, parent = nums[item.id], None
            if item.parent is not None:
                parent = nums.get(item.parent)
                if parent is None:
                    if item.parent not in parents:
                        parents[item.parent] = self._num(item.parent)
                    parent = parents[item.parent]
                    if parent is None:
                        raise LookupError(f"{item.id} is a part of {item.parent}, which is not there")
            ci_rows.append(
                (
                    num,
                    item.id,
                    self._codes[item.class_name],
                    parent,
                    item.key,
                    listed(item),
                    item.text or canonical(item.attributes),
                    canonical(item.identifiers) if item.identifiers else None,
                    item.salt,
                    item.digest,
                    item.since,
                    item.born,
                    item.not_before,
                    item.scope,
                )
            )
            fields, words = search_rows(item, num, self._codes)
            keys += fields
            texts.append((num, words))
            identifiers += [(value, item.id) for value in item.identifiers]
        self._db.executemany("INSERT INTO ci VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", ci_rows)
        self._db.executemany("INSERT INTO key VALUES (?, ?, ?)", keys)
        self._db.executemany("INSERT INTO text (rowid, tokens) VALUES (?, ?)", texts)
        self._db.executemany("INSERT OR IGNORE INTO identifier VALUES (?, ?)", identifiers)

    def _end_item(self, item: Item, number: int, end: Retirement | None, new: Item | None = None) -> None:
        """Move a state to the past; `new` takes its place, without it the CI leaves the current graph."""
        num = self._num(item.id)
        assert num is not None, f"{item.id} is not in the current graph"
        self._db.execute(
            "INSERT INTO past VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows.past_item_values(item, num, self._codes[item.class_name], number, end),
        )
        fields, old_text = search_rows(item, num, self._codes)
        new_fields, new_text = search_rows(new, num, self._codes) if new else ([], None)
        old_keys, new_keys = set(fields), set(new_fields)
        self._db.executemany("DELETE FROM key WHERE field = ? AND value = ? AND ci = ?", old_keys - new_keys)
        self._db.executemany("INSERT INTO key VALUES (?, ?, ?)", new_keys - old_keys)
        if old_text != new_text:
            self._db.execute("INSERT INTO text (text, rowid, tokens) VALUES ('delete', ?, ?)", (num, old_text))
            if new_text is not None:
                self._db.execute("INSERT INTO text (rowid, tokens) VALUES (?, ?)", (num, new_text))
        if new is None:
            self._db.execute("DELETE FROM ci WHERE num = ?", (num,))
            self._db.execute("DELETE FROM claim WHERE ci = ?", (num,))
            if end is not None and end.merged:
                gone = [(value, item.id) for value in item.identifiers]
                self._db.executemany("DELETE FROM identifier WHERE value = ? AND id = ?", gone)
            return
        if (item.parent, item.key) != (new.parent, new.key):
            parent = None if new.parent is None else self._num(new.parent)
            assert (parent is None) == (new.parent is None), f"{new.parent} is not in the current graph"
            self._db.execute("UPDATE ci SET parent = ?, key = ? WHERE num = ?", (parent, new.key, num))
        self._db.execute(
            "UPDATE ci SET listed = ?, attributes = ?, identifiers = ?, salt = ?, digest = ?, since = ?, not_before = ?, "
            "scope = ? WHERE num = ?",
            (
                listed(new),
                new.text or canonical(new.attributes),
                canonical(new.identifiers) if new.identifiers else None,
                new.salt,
                new.digest,
                new.since,
                new.not_before,
                new.scope,
                num,
            ),
        )
        if new.identifiers != item.identifiers:
            self._db.executemany(
                "DELETE FROM identifier WHERE value = ? AND id = ?", [(v, item.id) for v in item.identifiers]
            )
            self._db.executemany("INSERT INTO identifier VALUES (?, ?)", [(v, item.id) for v in new.identifiers])

    def _end_link(self, link: Link, number: int, end: Retirement | None) -> None:
        ends = self._ends(link.key)
        self._db.execute(
            "INSERT INTO past_link VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows.past_link_values(link, ends[1], number, end),
        )
        self._db.execute("DELETE FROM link WHERE subject = ? AND type = ? AND object = ?", ends)
        if end is not None:
            self._db.execute("DELETE FROM link_claim WHERE subject = ? AND type = ? AND object = ?", ends)

    def _end_entry(self, entry: Entry, number: int, retired: bool) -> None:
        self._db.execute(
            "INSERT INTO past_entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            rows.past_entry_values(entry, number, retired),
        )
        self._db.execute("DELETE FROM entry WHERE kind = ? AND key = ?", (entry.kind, entry.key))

    def _claims(self, commit: Commit) -> None:
        nums: dict[str, int | None] = {}
        for scope, target in commit.removed_claims:
            if isinstance(target, str):
                self._db.execute("DELETE FROM claim WHERE ci = ? AND scope = ?", (self._num(target), scope))
            else:
                key = self._link_nums(target)
                sql = "DELETE FROM link_claim WHERE subject = ? AND type = ? AND object = ? AND scope = ?"
                self._db.execute(sql, (*(key or (0, 0, 0)), scope))
        for claim in commit.claims:
            attributes = canonical(claim.attributes)
            if isinstance(claim.target, str):
                if claim.target not in nums:
                    nums[claim.target] = self._num(claim.target)
                identifiers = canonical(claim.identifiers) if claim.identifiers else None
                self._db.execute(
                    "INSERT OR REPLACE INTO claim VALUES (?, ?, ?, ?)",
                    (nums[claim.target], claim.scope, attributes, identifiers),
                )
            else:
                self._db.execute(
                    "INSERT OR REPLACE INTO link_claim VALUES (?, ?, ?, ?, ?)",
                    (*self._ends(claim.target), claim.scope, attributes),
                )

    def _ends(self, key: LinkKey) -> tuple[int, int, int]:
        nums = self._link_nums(key)
        assert nums is not None, f"an end of {key} is not in the current graph"
        return nums
