"""What the SQLite store keeps beside the chain, compared with the states: the `derived` of a View (ports.py).

Search rows are compared by sums: each row that the states call for adds a keyed hash to the sum of its field and of a
stretch of CIs, each row that is there takes it away. Only where a sum is left over are rows looked at one by one. So the
whole takes a few reads from end to end, and memory for one sum in a thousand CIs.
"""

from __future__ import annotations

import json
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from cmdb.damage import Damage, Progress
from cmdb.model.classes import CLASSES
from cmdb.model.values import canonical
from cmdb.states import Item, Scope
from cmdb.stores import sqlite_rows as rows
from cmdb.stores.sqlite_search import listed, search_rows
from cmdb.stores.sqlite_store_freeing import SqliteFreeing

EVERY = 50_000
STRETCH = 10
"""A sum is of 2 ** this many CIs."""
MOST = 20
"""Stretches that are looked at row by row."""

Sums = dict[tuple[int, int], int]
"""By field (0 for free text) and stretch."""

_OUTCOMES = ("collected", "failed", "not_applicable")


class SqliteAudit(SqliteFreeing):
    """Records, and whether what is kept beside the chain agrees with it."""

    def derived(self, progress: Progress | None = None) -> Iterator[Damage]:
        yield from self._birth()
        left: Sums = defaultdict(int)
        salt = secrets.token_hex(16)
        yield from self._items_beside(left, salt, progress)
        yield from self._search(left, salt, progress)
        if progress is not None:
            progress("identifiers, claims and what sections said")
        for kind, sql, problem in _CONDITIONS:
            for id_, told in self._db.execute(sql):
                yield Damage(problem.format(told), kind, str(id_))
        yield from self._decoded()
        yield from self._standing()

    def document_addresses(self) -> Iterator[str]:
        for (address,) in self._db.execute("SELECT digest FROM document ORDER BY digest"):
            yield address

    # -- states ------------------------------------------------------------------------------------------------------------

    def _birth(self) -> Iterator[Damage]:
        meta = dict(self._db.execute("SELECT key, value FROM meta"))
        for name in ("genesis", "digest_key"):
            if not _hexadecimal(meta.get(name, ""), 64):
                yield Damage("it is not the 64 hex digits that the store was born with", "meta", name)
        words = dict(self._db.execute("SELECT code, word FROM word"))
        declared = {
            str(key).partition(".")[2]
            for (key,) in self._db.execute(
                "SELECT key FROM entry WHERE kind = ? UNION SELECT key FROM past_entry WHERE kind = ?",
                ("attribute",) * 2,
            )
        }
        own = {word for code, word in words.items() if code not in self._words}  # come since, with own attributes
        if not self._words.items() <= words.items() or own - declared:
            yield Damage(
                "the names of classes and attributes are not those that the store was opened with", "meta", "word"
            )

    def _items_beside(self, left: Sums, salt: str, progress: Progress | None) -> Iterator[Damage]:
        """Columns of current CIs that follow from the others; notes in `left` what search must hold for them."""
        sql = (
            f"SELECT {rows.ITEM}, ci.num, ci.listed, whole.class, ci.parent "
            "FROM ci LEFT JOIN ci whole ON whole.num = ci.parent ORDER BY ci.num"
        )
        for count, row in enumerate(self._db.execute(sql), 1):
            if progress is not None and count % EVERY == 0:
                progress(f"search: {count} CIs")
            num, shown, whole, parent = row[12:]
            try:
                item = rows.item(row[:12], self._words)
                keys, words = search_rows(item, num, self._codes)
            except (ValueError, KeyError, TypeError, AttributeError):
                continue  # the chain names it
            if listed(item) != shown:
                yield Damage(f"it is listed as {shown!r:.80}, which is not its name", "search", item.id)
            if parent is not None and (whole is None or self._words[whole] not in CLASSES[item.class_name].parents):
                yield Damage(f"a {item.class_name} is no part of what it is said to be", "containment", item.id)
            for key in set(keys):
                left[key[0], num >> STRETCH] += hash((salt, *key))
            for word in set(words.split()):
                left[0, num >> STRETCH] += hash((salt, word, num))

    # -- search ------------------------------------------------------------------------------------------------------------

    def _search(self, left: Sums, salt: str, progress: Progress | None) -> Iterator[Damage]:
        for count, key in enumerate(self._db.execute("SELECT field, value, ci FROM key"), 1):
            left[key[0], key[2] >> STRETCH] -= hash((salt, *key))
            if progress is not None and count % (10 * EVERY) == 0:
                progress(f"search: {count} rows")
        for word, num in self._words_of():
            left[0, num >> STRETCH] -= hash((salt, word, num))
        odd = sorted(place for place, rest in left.items() if rest)[:MOST]
        for field, stretch in odd:
            if field == 0:
                yield from self._odd_words(stretch)
            else:
                yield from self._odd_keys(field, stretch)

    def _words_of(self) -> Iterator[tuple[str, int]]:
        """(token, num) of the free text."""
        self._db.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.token USING fts5vocab(main, text, instance)")
        yield from self._db.execute("SELECT term, doc FROM temp.token")

    def _odd_keys(self, field: int, stretch: int) -> Iterator[Damage]:
        span = (stretch << STRETCH, ((stretch + 1) << STRETCH) - 1)
        wanted: dict[int, set[Any]] = defaultdict(set)
        names: dict[int, str] = {}
        for num, item in self._stretch(span):
            names[num] = item.id
            wanted[num] = {_typed(key[1]) for key in search_rows(item, num, self._codes)[0] if key[0] == field}
        there: dict[int, set[Any]] = defaultdict(set)
        for value, num in self._db.execute(
            "SELECT value, ci FROM key WHERE field = ? AND ci BETWEEN ? AND ?", (field, *span)
        ):
            there[num].add(_typed(value))
        for num in sorted({*wanted, *there}):
            if wanted[num] != there[num]:
                yield self._odd(num, names, self._words.get(field, str(field)), "search finds it by other values")

    def _odd_words(self, stretch: int) -> Iterator[Damage]:
        span = (stretch << STRETCH, ((stretch + 1) << STRETCH) - 1)
        names: dict[int, str] = {}
        wanted: dict[int, set[str]] = defaultdict(set)
        for num, item in self._stretch(span):
            names[num], wanted[num] = item.id, set(search_rows(item, num, self._codes)[1].split())
        there: dict[int, set[str]] = defaultdict(set)
        for word, num in self._words_of():
            if span[0] <= num <= span[1]:
                there[num].add(word)
        for num in sorted({*wanted, *there}):
            if wanted[num] != there[num]:
                yield self._odd(num, names, None, "free text finds it by other words")

    def _stretch(self, span: tuple[int, int]) -> Iterator[tuple[int, Item]]:
        for row in self._db.execute(f"SELECT {rows.ITEM}, ci.num FROM ci WHERE ci.num BETWEEN ? AND ?", span):
            try:
                yield row[12], rows.item(row[:12], self._words)
            except (ValueError, KeyError, TypeError, AttributeError):
                continue

    @staticmethod
    def _odd(num: int, names: dict[int, str], attribute: str | None, problem: str) -> Damage:
        if num not in names:
            return Damage("search has rows for a CI that is not there", "search", f"number {num}", attribute)
        return Damage(f"{problem} than its attributes have", "search", names[num], attribute)

    # -- records -----------------------------------------------------------------------------------------------------------

    def _decoded(self) -> Iterator[Damage]:
        """Rows that do not decode, or not to what such a row holds."""
        for kind, sql, check in _READ:
            for row in self._db.execute(sql):
                try:
                    problem = check(row[1:])
                except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
                    problem = f"it can not be read: {type(error).__name__}"
                if problem:
                    yield Damage(problem, kind, str(row[0]))

    def _standing(self) -> Iterator[Damage]:
        """The last coverage of a section is what its standing says."""
        wide = len(rows.SCOPE.split(", "))
        sql = (
            f"SELECT {_qualified(rows.SCOPE, 's')}, c.outcome, c.reason, c.privilege, c.version, c.classes, c.relations "
            "FROM scope s LEFT JOIN coverage c ON c.subject = s.subject AND c.section = s.section AND c.source = s.source "
            "AND c.seen_at = (SELECT max(seen_at) FROM coverage l WHERE l.subject = s.subject AND l.section = s.section "
            "AND l.source = s.source)"
        )
        for row in self._db.execute(sql):
            try:
                scope = rows.scope(row[:wide])
            except (ValueError, TypeError):
                continue
            told = (scope.outcome, scope.reason, scope.privilege, scope.version, row[9], row[10])
            if row[wide] is not None and told != tuple(row[wide:]):
                yield Damage("its coverage is not what its standing says", "coverage", _section(scope))


def _section(scope: Scope) -> str:
    return f"{scope.subject} {scope.section} {scope.source}"


def _qualified(columns: str, table: str) -> str:
    return ", ".join(f"{table}.{name}" for name in columns.split(", "))


def _typed(value: Any) -> tuple[str, Any]:
    return type(value).__name__, value


def _hexadecimal(text: str, length: int) -> bool:
    return len(text) == length and not set(text) - set("0123456789abcdef")


def _scope(row: tuple[Any, ...]) -> str:
    scope = rows.scope(row)
    return "" if scope.outcome in _OUTCOMES else f"its outcome is {scope.outcome!r:.40}"


def _coverage(row: tuple[Any, ...]) -> str:
    return "" if rows.coverage(row).outcome in _OUTCOMES else f"its outcome is {row[3]!r:.40}"


def _object(row: tuple[Any, ...]) -> str:
    return "" if isinstance(json.loads(row[0]), dict) else "it is no JSON object"


def _claim(row: tuple[Any, ...]) -> str:
    told = json.loads(row[0])
    names = json.loads(row[1]) if row[1] else []
    sound = isinstance(told, dict) and isinstance(names, list) and canonical(told) == row[0]
    return "" if sound else "its attributes are not canonical JSON"


def _receipt(row: tuple[Any, ...]) -> str:
    told = json.loads(row[2])
    return "" if (told["revision"], told["batch"]) == row[:2] else "its receipt is of another revision or batch"


def _same(row: tuple[Any, ...]) -> str:
    return "" if row[0] == "" or _hexadecimal(row[0], 64) else "it is no digest"


# A merge sets aside what was known of the CI that is no more, under "aside:" and its id.
_KNOWN = "EXISTS (SELECT 1 FROM ci WHERE ci.id = {0}) OR EXISTS (SELECT 1 FROM past WHERE past.id = {0})"
_NAMES = "json_each(CASE WHEN json_valid({0}.identifiers) THEN {0}.identifiers END)"

_CONDITIONS = (
    (
        "identifier",
        (
            f"SELECT ci.id, j.value FROM ci, {_NAMES.format('ci')} j "
            "WHERE NOT EXISTS (SELECT 1 FROM identifier i WHERE i.value = j.value AND i.id = ci.id)"
        ),
        "{!r:.80} does not lead to it, though it has that identifier",
    ),
    (
        "identifier",
        (
            f"SELECT p.id, j.value FROM past p, {_NAMES.format('p')} j WHERE p.retired "
            "AND NOT EXISTS (SELECT 1 FROM ci WHERE ci.id = p.id) "
            "AND NOT EXISTS (SELECT 1 FROM past q WHERE q.id = p.id AND q.until > p.until) "
            "AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.kind = 'alias' AND e.key = p.id) "
            "AND NOT EXISTS (SELECT 1 FROM identifier i WHERE i.value = j.value AND i.id = p.id)"
        ),
        "{!r:.80} does not lead to it, though it had that identifier when it was retired",
    ),
    (
        "identifier",
        (
            "SELECT i.id, i.value FROM identifier i WHERE NOT EXISTS "
            f"(SELECT 1 FROM ci, {_NAMES.format('ci')} j WHERE ci.id = i.id AND j.value = i.value) AND NOT EXISTS "
            f"(SELECT 1 FROM past p, {_NAMES.format('p')} j WHERE p.id = i.id AND j.value = i.value)"
        ),
        "{!r:.80} leads to it, though it never had that identifier",
    ),
    (
        "ci",
        (
            "SELECT ci.id, ci.num FROM ci JOIN past ON past.id = ci.id WHERE past.num <> ci.num UNION "
            "SELECT past.id, past.num FROM past JOIN ci ON ci.num = past.num WHERE ci.id <> past.id UNION "
            "SELECT ci.id, ci.num FROM ci, head WHERE ci.num >= head.next_num"
        ),
        "its number {} is not the store's own",
    ),
    (
        "link",
        (
            "SELECT subject || ' ' || object, type FROM link WHERE subject NOT IN (SELECT num FROM ci) "
            "OR object NOT IN (SELECT num FROM ci)"
        ),
        "an end of this relation (given by number) is not there",
    ),
    ("claim", "SELECT ci, scope FROM claim WHERE ci NOT IN (SELECT num FROM ci)", "the CI of this number is not there"),
    (
        "claim",
        (
            "SELECT subject || ' ' || object, scope FROM link_claim c WHERE NOT EXISTS (SELECT 1 FROM link l "
            "WHERE l.subject = c.subject AND l.type = c.type AND l.object = c.object)"
        ),
        "the relation of this claim (ends by number) is not there",
    ),
    *(
        (
            kind,
            f"SELECT {id_}, scope FROM {table} WHERE scope NOT IN (SELECT number FROM scope)",
            "section {} is not there",
        )
        for kind, id_, table in (
            ("ci", "id", "ci"),
            ("link", "subject || ' ' || object", "link"),
            ("claim", "ci", "claim"),
            ("claim", "subject || ' ' || object", "link_claim"),
            ("pending", "near || ' ' || address", "pending"),
        )
    ),
    *(
        (
            kind,
            f"SELECT {column}, {told} FROM {kind} t WHERE NOT ({_KNOWN.format(f'''replace(t.{column}, 'aside:', '')''')})",
            "its CI was never there",
        )
        for kind, column, told in (
            ("scope", "subject", "section"),
            ("coverage", "subject", "section"),
            ("reading", "subject", "section"),
            ("pending", "near", "address"),
        )
    ),
    (
        "pending",
        f"SELECT near, far FROM pending t WHERE far IS NOT NULL AND NOT ({_KNOWN.format('t.far')})",
        "it is said to be resolved to {}, which was never there",
    ),
)
"""(kind, statement whose rows are damage as (id, detail), problem)"""

_READ: tuple[tuple[str, str, Callable[[tuple[Any, ...]], str]], ...] = (
    ("scope", f"SELECT subject || ' ' || section, {rows.SCOPE} FROM scope", _scope),
    ("coverage", f"SELECT subject || ' ' || section, {rows.COVERAGE} FROM coverage", _coverage),
    ("claim", "SELECT ci, attributes, identifiers FROM claim", _claim),
    ("claim", "SELECT subject || ' ' || object, attributes, NULL FROM link_claim", _claim),
    ("pending", "SELECT near || ' ' || address, attributes FROM pending", _object),
    ("reading", "SELECT subject || ' ' || section, value FROM reading", _object),
    ("same", "SELECT subject || ' ' || source, digest FROM same", _same),
    ("note", "SELECT kind || ' ' || key, value FROM note", _object),
    ("sweep", "SELECT id, value FROM sweep", _object),
    ("sweep", "SELECT sweep || ' ' || number, value FROM sweep_target", _object),
    ("receipt", "SELECT number, number, batch, receipt FROM revision WHERE receipt IS NOT NULL", _receipt),
)
"""(kind, statement of id and columns, what is wrong with them)"""
