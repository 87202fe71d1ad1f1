"""`find` of the SQLite store on the current graph: the first page in milliseconds, whatever the number of CIs.

A term that at most FEW CIs meet is looked up, and only those are looked at further; the rarest such term goes first. Where
every term is met by more, the CIs are walked in the order of lists until the page is full. What must not hold of them, and
no index tells of a single CI (prefixes, ranges, words that many have), is then judged by query_language.matches.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cmdb.model.classes import CLASSES
from cmdb.model.query_language import ClassTerm, FieldTerm, FreeText, HasTerm, Query, RelationTerm, Term, matches
from cmdb.states import COUNTED, Item
from cmdb.stores import sqlite_rows as rows
from cmdb.stores.sqlite_search import condition_of, listed, numbers_of

FEW = 100_000
"""Hits that are looked up one by one: one or two microseconds each, measured at a million CIs."""

FEW_TOLD = 5_000
"""The same for a term that an index tells of a single CI, which makes walking cheap."""

GATHERED = 50_000
"""CIs that must not be among the answers and are gathered before walking; more than these are judged one by one instead."""

JUDGED = 2_000
"""Hits that are judged in Python rather than by looking up all that meet another term."""

Place = tuple[str, str, str]
"""(class, sort key of the name, id)"""


@dataclass(frozen=True)
class _Known:
    """A term, and how many CIs meet it: FEW + 1 stands for more. None where no index tells."""

    term: Term
    hits: int | None

    @property
    def few(self) -> bool:
        return self.hits is not None and self.hits <= (FEW_TOLD if _told(self.term) else FEW)


class Search:
    """One query over one connection that holds a read transaction."""

    def __init__(self, db: sqlite3.Connection, words: dict[int, str], codes: dict[str, int], query: Query) -> None:
        self._db = db
        self._words = words
        self._codes = codes
        self._classes = _classes(query)
        terms: list[Term] = [t for t in _words_together(query) if not isinstance(t, ClassTerm)]
        if len(self._classes) == 1:
            terms.append(ClassTerm(self._classes[0]))
        self._terms = [_Known(term, self._hits(term)) for term in terms]

    def page(self, place: Place | None, limit: int) -> tuple[list[Item], int]:
        """Up to `limit` items behind a place, and how many match in all: COUNTED + 1 stands for more."""
        rare = [k for k in self._terms if k.few and not k.term.negated]
        if rare:
            return self._looked_up(min(rare, key=lambda k: k.hits or 0), place, limit)
        told, judged = self._sides()
        if judged.terms:
            return self._judged_in_order(told, judged, place, limit)
        if place is None:  # One walk serves page and count: what is gathered for it is gathered once.
            nums = self._first(told, max(limit, COUNTED + 1))
            return [item for _, item in self._items(nums[:limit])], min(len(nums), COUNTED + 1)
        return [item for item, _ in zip(self._walk(told, place), range(limit))], self._counted(told)

    def _sides(self) -> tuple[list[Term], Query]:
        """The terms that the database tells, and a query of those to be judged."""
        asked = [k for k in self._terms if not isinstance(k.term, ClassTerm)]
        judged = [k.term for k in asked if k.term.negated and not _told(k.term) and (k.hits or 0) > GATHERED]
        return [k.term for k in asked if k.term not in judged], Query(tuple(judged), "")

    # -- few hits ------------------------------------------------------------------------------------------------------

    def _looked_up(self, rarest: _Known, place: Place | None, limit: int) -> tuple[list[Item], int]:
        others = [k for k in self._terms if k is not rarest]
        source, values = numbers_of(rarest.term, self._codes)
        condition, more = self._conditions([k.term for k in others if _told(k.term)])
        classes = [self._codes[name] for name in self._classes]
        sql = (
            f"FROM (SELECT DISTINCT num FROM ({source})) AS hit CROSS JOIN ci ON ci.num = hit.num "
            f"WHERE ci.class IN ({','.join('?' * len(classes))}) AND {condition}"
        )
        parameters = [*values, *classes, *more]
        left = sorted((k for k in others if not _told(k.term)), key=lambda k: k.hits or 0)
        if not left and classes == sorted(classes):
            return self._sorted_by_database(sql, parameters, place, limit)
        hits = [
            (self._words[c], listed, id_, num)
            for c, listed, id_, num in self._db.execute(f"SELECT ci.class, ci.listed, ci.id, ci.num {sql}", parameters)
        ]
        for known in left:
            hits = self._judged(hits, known.term)
        hits.sort()
        behind = hits if place is None else [h for h in hits if h[:3] > place]
        return [item for _, item in self._items([h[3] for h in behind[:limit]])], len(hits)

    def _sorted_by_database(
        self, sql: str, parameters: list[Any], place: Place | None, limit: int
    ) -> tuple[list[Item], int]:
        behind, begin = "", []
        if place is not None:
            behind, begin = " AND (ci.class, ci.listed, ci.id) > (?, ?, ?)", [self._codes[place[0]], *place[1:]]
        ordered = f"SELECT ci.num {sql}{behind} ORDER BY ci.class, ci.listed, ci.id LIMIT {limit}"
        found = [num for (num,) in self._db.execute(ordered, [*parameters, *begin])]
        counted = len(found)
        if place is not None or counted == limit:
            sql = f"SELECT count(*) FROM (SELECT 1 {sql} LIMIT {COUNTED + 1})"
            counted = self._db.execute(sql, parameters).fetchone()[0]
        return [item for _, item in self._items(found)], counted

    def _judged(self, hits: list[tuple[str, str, str, int]], term: Term) -> list[tuple[str, str, str, int]]:
        """Those hits that meet a term which no index tells of a single CI."""
        if len(hits) <= JUDGED:
            query = Query((term,), "")
            good = {num for num, item in self._items([h[3] for h in hits]) if matches(query, item, ())}
            return [h for h in hits if h[3] in good]
        source, values = numbers_of(term, self._codes)
        met = {num for (num,) in self._db.execute(source, values)}
        return [h for h in hits if (h[3] in met) is not term.negated]

    def _items(self, nums: list[int]) -> Iterator[tuple[int, Item]]:
        """Items by number, in that order."""
        sql = f"SELECT {rows.ITEM} FROM ci WHERE num = ?"
        for num in nums:
            yield num, rows.item(self._db.execute(sql, (num,)).fetchone(), self._words)

    # -- many hits -----------------------------------------------------------------------------------------------------

    def _judged_in_order(
        self, told: list[Term], judged: Query, place: Place | None, limit: int
    ) -> tuple[list[Item], int]:
        found: list[Item] = []
        counted = 0
        for item in self._walk(told, None):
            if matches(judged, item, ()):
                counted += 1
                if len(found) < limit and (place is None or place_of(item) > place):
                    found.append(item)
                if counted > COUNTED:
                    break
        if counted > COUNTED and len(found) < limit and place is not None:
            behind = (item for item in self._walk(told, place) if matches(judged, item, ()))
            found = [item for item, _ in zip(behind, range(limit))]
        return found, counted

    def _walk(self, told: list[Term], place: Place | None) -> Iterator[Item]:
        """All that meet these terms, in order, behind a place."""
        condition, values = self._conditions(told)
        for name in self._classes:
            if place is not None and name < place[0]:
                continue
            more, start = "", []
            if place is not None and name == place[0]:
                more, start = " AND (ci.listed, ci.id) > (?, ?)", [place[1], place[2]]
            sql = (
                f"SELECT {rows.ITEM} FROM ci INDEXED BY ci_listed WHERE ci.class = ?{more} AND {condition} "
                "ORDER BY ci.listed, ci.id"
            )
            for row in self._db.execute(sql, (self._codes[name], *start, *values)):
                yield rows.item(row, self._words)

    def _first(self, told: list[Term], most: int) -> list[int]:
        """The numbers of the first that meet these terms, in order."""
        condition, values = self._conditions(told)
        found: list[int] = []
        for name in self._classes:
            sql = (
                f"SELECT num FROM ci INDEXED BY ci_listed WHERE ci.class = ? AND {condition} "
                f"ORDER BY ci.listed, ci.id LIMIT {most - len(found)}"
            )
            found += [num for (num,) in self._db.execute(sql, (self._codes[name], *values))]
            if len(found) >= most:
                break
        return found

    def _counted(self, told: list[Term]) -> int:
        condition, values = self._conditions(told)
        counted = 0
        for name in self._classes:
            sql = (
                f"SELECT count(*) FROM (SELECT 1 FROM ci INDEXED BY ci_listed WHERE ci.class = ? AND {condition} "
                f"LIMIT {COUNTED + 1 - counted})"
            )
            counted += self._db.execute(sql, (self._codes[name], *values)).fetchone()[0]
            if counted > COUNTED:
                break
        return counted

    # -- pieces --------------------------------------------------------------------------------------------------------

    def _hits(self, term: Term) -> int | None:
        if isinstance(term, RelationTerm):
            return None
        source, values = numbers_of(term, self._codes)
        sql = f"SELECT count(*) FROM (SELECT 1 FROM ({source}) LIMIT {FEW + 1})"
        found: int = self._db.execute(sql, values).fetchone()[0]
        return found

    def _conditions(self, terms: list[Term]) -> tuple[str, list[Any]]:
        conditions, parameters = ["1"], []
        for term in terms:
            condition, values = condition_of(term, self._codes)
            conditions.append(f"NOT ({condition})" if term.negated else condition)
            parameters += values
        return " AND ".join(conditions), parameters


def _told(term: Term) -> bool:
    """True where it is soon told of a single CI whether it meets the term."""
    return not isinstance(term, FreeText) and not (isinstance(term, FieldTerm) and term.operator != "=")


def _classes(query: Query) -> list[str]:
    """Classes of which a CI can match, in the order of lists."""
    found = sorted(CLASSES)
    for term in query.terms:
        if isinstance(term, ClassTerm):
            found = [n for n in found if (n == term.name) is not term.negated]
        elif isinstance(term, (FieldTerm, HasTerm)) and not term.negated and term.field != "name":
            found = [n for n in found if query.vocabulary.searches(n, term.field)]
    return found


def _words_together(query: Query) -> list[Term]:
    """The terms, all words that are asked for as one: together they are rarer."""
    words = [t for t in query.terms if isinstance(t, FreeText) and not t.negated]
    others = [t for t in query.terms if t not in words]
    prefixes = dict.fromkeys(prefix for term in words for prefix in term.prefixes)
    return [*others, FreeText(tuple(prefixes))] if words else others


def place_of(item: Item) -> Place:
    """Where an item stands in lists."""
    return item.class_name, listed(item), item.id
