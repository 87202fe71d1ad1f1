"""Reading from the SQLite store: one read transaction is one view."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Literal

from cmdb.model import cursor as cursors
from cmdb.model.classes import CLASSES
from cmdb.model.query_language import Query, RelationTerm, matches
from cmdb.states import (
    COUNTED,
    Change,
    Head,
    Item,
    Link,
    LinkKey,
    Page,
    Revision,
)
from cmdb.stores import sqlite_rows as rows
from cmdb.stores.sqlite_search import class_of
from cmdb.stores.sqlite_store_audit import SqliteAudit
from cmdb.stores.sqlite_store_find import Search, place_of
from cmdb.stores.sqlite_store_records import given

Kind = Literal["ci", "link", "entry"]


class SqliteView(SqliteAudit):
    """A View (ports.py) over one connection that holds a read transaction."""

    # -- revisions -------------------------------------------------------------------------------------------------------

    def head(self) -> Head:
        return Head(*self._db.execute("SELECT number, committed_at, digest FROM head").fetchone())

    def revision(self, number: int) -> Revision | None:
        row = self._db.execute(f"SELECT {rows.REVISION} FROM revision WHERE number = ?", (number,)).fetchone()
        return rows.revision(row) if row else None

    def revision_at(self, time: int) -> int:
        row = self._db.execute("SELECT max(number) FROM revision WHERE committed_at <= ?", (time,)).fetchone()
        return row[0] or 0

    def revisions(self, after: int = 0, limit: int = 1000) -> list[Revision]:
        sql = f"SELECT {rows.REVISION} FROM revision WHERE number > ? ORDER BY number LIMIT ?"
        return [rows.revision(r) for r in self._db.execute(sql, (after, limit))]

    # -- items -------------------------------------------------------------------------------------------------------------

    def items(self, ids: Collection[str], at: int | None = None) -> dict[str, Item]:
        since, values = ("", ()) if at is None else (" AND ci.since <= ?", (at,))
        found = {i.id: i for i in self._items_where("ci.id IN ({})" + since, ids, values)}
        if at is not None:
            sql = f"SELECT {rows.PAST_ITEM} FROM past WHERE id IN ({{}}) AND since <= ? AND until > ?"
            for row in self._chunked(sql, [i for i in ids if i not in found], (at, at)):
                found[row[0]] = rows.item(row, self._words)
        return found

    def last_states(self, ids: Collection[str]) -> dict[str, Item]:
        found = self.items(ids)
        sql = f"SELECT {rows.PAST_ITEM} FROM past WHERE id IN ({{}}) ORDER BY until"
        for row in self._chunked(sql, [i for i in ids if i not in found]):
            found[row[0]] = rows.item(row, self._words)
        return found

    def parts(self, parent: str, classes: Collection[str] | None = None, at: int | None = None) -> list[Item]:
        names = sorted(classes) if classes is not None else [n for n, c in CLASSES.items() if c.parents]
        codes = [self._codes[n] for n in names]
        marks = ",".join("?" * len(codes))
        number = self._num(parent)
        found: list[Item] = []
        if number is not None:
            sql = f"SELECT {rows.ITEM.replace(_PARENT, '?')} FROM ci WHERE parent = ? AND class IN ({marks})"
            found = [rows.item(row, self._words) for row in self._db.execute(sql, (parent, number, *codes))]
        if at is not None:
            found = [i for i in found if i.since <= at]
            sql = f"SELECT {rows.PAST_ITEM} FROM past WHERE parent = ? AND until > ? AND since <= ? AND class IN ({marks})"
            found += [rows.item(r, self._words) for r in self._db.execute(sql, (parent, at, at, *codes))]
        return sorted(found, key=lambda i: (i.class_name, i.key))

    def history(self, id: str) -> list[Item]:
        sql = f"SELECT {rows.PAST_ITEM} FROM past WHERE id = ? ORDER BY until"
        states = [rows.item(r, self._words) for r in self._db.execute(sql, (id,))]
        return states + list(self.items([id]).values())

    def find(self, query: Query, at: int | None = None, after: str | None = None, limit: int = 100) -> Page:
        place = cursors.after(after) if after is not None else None
        if at is not None and at < self.head().number:
            return self._find_past(query, at, place, limit)
        found, counted = Search(self._db, self._words, self._codes, query).page(place, limit + 1)
        return _page(found, limit, counted)

    def _find_past(self, query: Query, at: int, place: tuple[str, str, str] | None, limit: int) -> Page:
        only = class_of(query)
        relations = any(isinstance(t, RelationTerm) for t in query.terms)
        found = []
        for item in self.scan([only] if only else None, at):
            types = self._types_of(item.id, at) if relations else ()
            if matches(query, item, types):
                found.append(item)
        found.sort(key=place_of)
        total = len(found)
        if place is not None:
            found = [i for i in found if place_of(i) > place]
        return _page(found[: limit + 1], limit, total)

    def _types_of(self, id_: str, at: int) -> set[str]:
        types = {k.type for k in self.links([id_], at)}
        own = self.items([id_], at)[id_]
        if own.parent is not None:
            types.add(CLASSES[own.class_name].containment)
        return types | {CLASSES[p.class_name].containment for p in self.parts(id_, None, at)}

    def retired(self, classes: Collection[str], at: int | None = None) -> Iterator[Item]:
        codes = [self._codes[n] for n in classes]
        until, since, back = ("", "", ()) if at is None else (" AND until <= ?", " AND since <= ?", (at,))
        # The index is named: without statistics the planner prefers the one that serves the past of one whole.
        sql = (
            f"SELECT {rows.PAST_ITEM} FROM past INDEXED BY past_retired WHERE retired AND class IN "
            f"({','.join('?' * len(codes))}){until} AND NOT EXISTS (SELECT 1 FROM ci WHERE ci.id = past.id{since}) "
            f"AND NOT EXISTS (SELECT 1 FROM past q WHERE q.id = past.id AND q.until > past.until{since})"
        )
        for row in self._db.execute(sql, (*codes, *back, *back, *back)):
            yield rows.item(row, self._words)

    def scan(self, classes: Collection[str] | None = None, at: int | None = None) -> Iterator[Item]:
        codes = [self._codes[n] for n in (classes if classes is not None else CLASSES)]
        marks = ",".join("?" * len(codes))
        current = f"SELECT {rows.ITEM} FROM ci WHERE class IN ({marks})"
        for row in self._db.execute(current + ("" if at is None else " AND since <= ?"), (*codes, *given(at))):
            yield rows.item(row, self._words)
        if at is not None:
            sql = f"SELECT {rows.PAST_ITEM} FROM past WHERE until > ? AND since <= ? AND class IN ({marks})"
            for row in self._db.execute(sql, (at, at, *codes)):
                yield rows.item(row, self._words)

    # -- links -------------------------------------------------------------------------------------------------------------

    def links(self, ids: Collection[str], at: int | None = None) -> list[Link]:
        found: dict[LinkKey, Link] = {}
        since = "" if at is None else " AND link.since <= ?"
        for end in ("s", "o"):
            for row in self._chunked(f"SELECT {rows.LINK} WHERE {end}.id IN ({{}}){since}", ids, given(at)):
                one = rows.link(row, self._words)
                found[one.key] = one
        if at is not None:
            for end in ("subject", "object"):
                sql = f"SELECT {rows.PAST_LINK} WHERE {end} IN ({{}}) AND until > ? AND since <= ?"
                for row in self._chunked(sql, ids, (at, at)):
                    one = rows.link(row, self._words)
                    found[one.key] = one
        return sorted(found.values(), key=lambda k: (k.type, k.subject, k.object))

    def link_history(self, id: str) -> list[Link]:
        sql = f"SELECT {rows.PAST_LINK} WHERE subject = ? OR object = ?"
        states = [rows.link(r, self._words) for r in self._db.execute(sql, (id, id))] + self.links([id])
        return sorted(states, key=lambda k: (k.since, k.type, k.subject, k.object))

    def scan_links(self, types: Collection[str] | None = None, at: int | None = None) -> Iterator[Link]:
        wanted = None if types is None else [self._codes[t] for t in types]
        picked = "" if wanted is None else f" AND link.type IN ({','.join('?' * len(wanted))})"
        since = "" if at is None else " AND link.since <= ?"
        sql = f"SELECT {rows.LINK} WHERE 1{picked}{since}"
        for row in self._db.execute(sql, (*(wanted or ()), *given(at))):
            yield rows.link(row, self._words)
        if at is not None:
            sql = f"SELECT {rows.PAST_LINK} WHERE until > ? AND since <= ?{picked.replace('link.', '')}"
            for row in self._db.execute(sql, (at, at, *(wanted or ()))):
                yield rows.link(row, self._words)

    def changed(self, after: int, until: int) -> list[tuple[Kind, Change, str]]:
        span = (after, until)
        found: list[tuple[int, Kind, Change, str]] = []
        for table, kind, name in (("ci", "ci", "id"), ("past", "ci", "id")):
            before = "EXISTS (SELECT 1 FROM past p WHERE p.id = t.id AND p.until = t.since AND NOT p.retired)"
            sql = f"SELECT since, t.{name}, {before} FROM {table} t WHERE since > ? AND since <= ?"
            found += [(r, kind, "updated" if u else "created", i) for r, i, u in self._db.execute(sql, span)]  # type: ignore[misc]
        for r, i in self._db.execute("SELECT until, id FROM past WHERE retired AND until > ? AND until <= ?", span):
            found.append((r, "ci", "retired", i))
        found += self._changed_links(span) + self._changed_entries(span)
        return [(kind, op, id_) for _, kind, op, id_ in sorted(found)]

    def _changed_links(self, span: tuple[int, int]) -> list[tuple[int, Kind, Change, str]]:
        found: list[tuple[int, Kind, Change, str]] = []
        before = (
            "EXISTS (SELECT 1 FROM past_link p WHERE p.subject = {s} AND p.type = t.type AND p.object = {o} "
            "AND p.until = t.since AND NOT p.retired)"
        )
        past = "past_link t", "t.subject", "t.object"
        current = "link t JOIN ci s ON s.num = t.subject JOIN ci o ON o.num = t.object", "s.id", "o.id"
        for source, s, o in (current, past):
            test = before.format(s=s, o=o)
            sql = f"SELECT t.since, {s}, t.type, {o}, {test} FROM {source} WHERE t.since > ? AND t.since <= ?"
            for r, a, t, b, u in self._db.execute(sql, span):
                found.append((r, "link", "updated" if u else "created", f"{a} {self._words[t]} {b}"))
        sql = "SELECT until, subject, type, object FROM past_link WHERE retired AND until > ? AND until <= ?"
        for r, a, t, b in self._db.execute(sql, span):
            found.append((r, "link", "retired", f"{a} {self._words[t]} {b}"))
        return found

    def _changed_entries(self, span: tuple[int, int]) -> list[tuple[int, Kind, Change, str]]:
        found: list[tuple[int, Kind, Change, str]] = []
        before = (
            "EXISTS (SELECT 1 FROM past_entry p "
            "WHERE p.kind = t.kind AND p.key = t.key AND p.until = t.since AND NOT p.retired)"
        )
        for table in ("entry", "past_entry"):
            sql = f"SELECT since, kind, key, {before} FROM {table} t WHERE since > ? AND since <= ?"
            for r, kind, key, u in self._db.execute(sql, span):
                found.append((r, "entry", "updated" if u else "created", f"{kind} {key}"))
        sql = "SELECT until, kind, key FROM past_entry WHERE retired AND until > ? AND until <= ?"
        found += [(r, "entry", "retired", f"{kind} {key}") for r, kind, key in self._db.execute(sql, span)]
        return found

    def counts(self) -> dict[str, int]:
        found = {
            self._words[c]: n for c, n in self._db.execute("SELECT class, count(*) FROM ci GROUP BY class").fetchall()
        }
        found = dict(sorted(found.items()))
        found["links"] = self._db.execute("SELECT count(*) FROM link").fetchone()[0]
        found["revisions"] = self._db.execute("SELECT count(*) FROM revision").fetchone()[0]
        return found

    # -- pieces ------------------------------------------------------------------------------------------------------------

    def _items_where(self, condition: str, values: Collection[str], more: Sequence[Any] = ()) -> Iterator[Item]:
        for row in self._chunked(f"SELECT {rows.ITEM} FROM ci WHERE {condition}", values, more):
            yield rows.item(row, self._words)


_PARENT = "(SELECT p.id FROM ci p WHERE p.num = ci.parent)"


def _page(found: list[Item], limit: int, counted: int) -> Page:
    more = cursors.cursor_of(found[limit - 1]) if len(found) > limit and limit > 0 else None
    return Page(found[:limit], more, counted if counted <= COUNTED else None)
