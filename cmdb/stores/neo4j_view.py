"""What the Neo4j store answers, in Cypher. How an answer stays in one revision is neo4j_store_view's matter."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import Any, Literal, Protocol, TypeVar

from cmdb.model.classes import CLASSES
from cmdb.model.relationship_types import RELATIONSHIP_TYPES
from cmdb.states import Change, Claim, Coverage, Entry, Head, Item, Link, LinkKey, Pending, Revision, Scope
from cmdb.stores import neo4j_rows as rows

Kind = Literal["ci", "link", "entry"]
T = TypeVar("T")

CHUNK = 5_000
"""CIs that one question of a scan reads."""

LAST = "~"
"""Above all ids."""

REVISION = ", ".join(f".{name}" for name in Revision.__slots__)
LINK = "type(r), startNode(r).id, endNode(r).id, properties(r)"


class Run(Protocol):
    """Runs a statement and returns its rows."""

    def __call__(self, cypher: str, /, **parameters: Any) -> list[list[Any]]: ...


class Answers:
    """Answers of a View (ports.py). `_steady` runs one question; within it `_at` says as of when its states are wanted, None
    for the newest, and `_until` is the last revision that may show."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def _steady(self, ask: Callable[[], T]) -> T:
        return ask()

    def _at(self, at: int | None) -> int | None:
        return at

    @property
    def _until(self) -> int:
        return 2**62

    # -- revisions -----------------------------------------------------------------------------------------------------

    def head(self) -> Head:
        return Head(*self._run("MATCH (h:Head) RETURN h.number, h.committed_at, h.digest")[0])

    def revision(self, number: int) -> Revision | None:
        found = self._revisions("r.number = $number AND r.number <= $until", number=number)
        return found[0] if found else None

    def revision_at(self, time: int) -> int:
        found = self._steady(
            lambda: self._run(
                "MATCH (r:Revision) WHERE r.committed_at <= $time AND r.number <= $until RETURN max(r.number)",
                time=time,
                until=self._until,
            )
        )
        return found[0][0] or 0

    def revisions(self, after: int = 0, limit: int = 1000) -> list[Revision]:
        return self._revisions("r.number > $after AND r.number <= $until", limit, after=after)

    def _revisions(self, condition: str, limit: int = 1, **parameters: Any) -> list[Revision]:
        cypher = (
            f"MATCH (r:Revision) WHERE {condition} WITH r ORDER BY r.number LIMIT $limit "
            f"RETURN r {{{REVISION}}} ORDER BY r.number"
        )
        found = self._steady(lambda: self._run(cypher, limit=limit, until=self._until, **parameters))
        return [rows.revision(row[0]) for row in found]

    def changed(self, after: int, until: int) -> list[tuple[Kind, Change, str]]:
        found = self._steady(
            lambda: self._run(
                "MATCH (r:Revision) WHERE r.number > $after AND r.number <= $until RETURN r.did ORDER BY r.number",
                after=after,
                until=min(until, self._until),
            )
        )
        return [one for row in found for one in sorted(map(_change, row[0] or ()))]

    # -- items ---------------------------------------------------------------------------------------------------------

    def items(self, ids: Collection[str], at: int | None = None) -> dict[str, Item]:
        if not ids:
            return {}
        return self._steady(lambda: self._items(list(ids), self._at(at)))

    def _items(self, ids: list[str], at: int | None) -> dict[str, Item]:
        """States by id; the current ones first, so that a state that moves to the past meanwhile is not missed."""
        found = {
            item.id: item
            for item in map(
                rows.item,
                self._run(
                    f"MATCH (n:CI) WHERE n.id IN $ids{_since('n', at)} RETURN properties(n), labels(n)", ids=ids, at=at
                ),
            )
        }
        if at is not None:
            cypher = "MATCH (p:Past) WHERE p.id IN $ids AND p.until > $at AND p.since <= $at RETURN properties(p)"
            for row in self._run(cypher, ids=ids, at=at):
                found[row[0]["id"]] = self._shown(rows.past(row[0]))
        return found

    def last_states(self, ids: Collection[str]) -> dict[str, Item]:
        if not ids:
            return {}

        def ask() -> dict[str, Item]:
            found = self._items(list(ids), self._at(None))
            cypher = "MATCH (p:Past) WHERE p.id IN $ids AND p.until <= $until RETURN properties(p) ORDER BY p.until"
            missing = [i for i in ids if i not in found]
            for row in self._run(cypher, ids=missing, until=self._until) if missing else ():
                found[row[0]["id"]] = rows.past(row[0])
            return found

        return self._steady(ask)

    def parts(self, parent: str, classes: Collection[str] | None = None, at: int | None = None) -> list[Item]:
        wanted = (
            [n for n, c in CLASSES.items() if c.parents] if classes is None else [n for n in classes if n in CLASSES]
        )
        if not wanted or " " in parent:
            return []

        def ask() -> list[Item]:
            now = self._at(at)
            prefixes = [f"{parent} "] if classes is None else [f"{parent} {name} " for name in wanted]
            cypher = (
                "UNWIND $prefixes AS prefix MATCH (n:CI) WHERE n._part STARTS WITH prefix"
                f"{_since('n', now)} RETURN properties(n), labels(n)"
            )
            found = list(map(rows.item, self._run(cypher, prefixes=prefixes, at=now)))
            if now is not None:
                cypher = (
                    "MATCH (p:Past) WHERE p.parent = $parent AND p.until > $at AND p.since <= $at AND p.class IN $classes "
                    "RETURN properties(p)"
                )
                past = self._run(cypher, parent=parent, at=now, classes=wanted)
                found += [self._shown(rows.past(row[0])) for row in past]
            return found

        return sorted(self._steady(ask), key=lambda i: (i.class_name, i.key))

    def history(self, id: str) -> list[Item]:
        def ask() -> list[Item]:
            current = self._run(
                f"MATCH (n:CI) WHERE n.id = $id{_since('n', self._until)} RETURN properties(n), labels(n)",
                id=id,
                at=self._until,
            )
            cypher = (
                "MATCH (p:Past) WHERE p.id = $id AND p.until IS NOT NULL AND p.since <= $until "
                "RETURN properties(p) ORDER BY p.until"
            )
            past = self._run(cypher, id=id, until=self._until)
            return [self._shown(rows.past(row[0])) for row in past] + list(map(rows.item, current))

        return self._steady(ask)

    def scan(self, classes: Collection[str] | None = None, at: int | None = None) -> Iterator[Item]:
        wanted = list(CLASSES) if classes is None else [n for n in classes if n in CLASSES]
        if not wanted:
            return
        label = "" if classes is None else f"&({'|'.join(wanted)})"

        def ask(low: str, high: str) -> list[Item]:
            now = self._at(at)
            cypher = (
                f"MATCH (n:CI{label}) WHERE n.id > $low AND n.id <= $high{_since('n', now)} "
                "RETURN properties(n), labels(n)"
            )
            found = list(map(rows.item, self._run(cypher, low=low, high=high, at=now)))
            if now is not None:
                cypher = (
                    "MATCH (p:Past) WHERE p.until > $at AND p.since <= $at AND p.id > $low AND p.id <= $high "
                    "AND p.class IN $classes RETURN properties(p)"
                )
                past = self._run(cypher, low=low, high=high, at=now, classes=wanted)
                found += [self._shown(rows.past(row[0])) for row in past]
            return found

        for low, high in self._ranges():
            yield from self._steady(partial(ask, low, high))

    def _ranges(self) -> Iterator[tuple[str, str]]:
        """Ranges of ids that hold a chunk of current CIs each, all ids together."""
        low = ""
        while low != LAST:
            cypher = f"MATCH (n:CI) WHERE n.id > $low RETURN n.id ORDER BY n.id SKIP {CHUNK - 1} LIMIT 1"
            found = self._run(cypher, low=low)
            high = found[0][0] if found else LAST
            yield low, high
            low = high

    # -- links ---------------------------------------------------------------------------------------------------------

    def links(self, ids: Collection[str], at: int | None = None) -> list[Link]:
        if not ids:
            return []
        return self._steady(lambda: self._links(list(ids), self._at(at)))

    def _links(self, ids: list[str], at: int | None) -> list[Link]:
        cypher = (
            "UNWIND $ids AS id MATCH (n:CI {id: id})-[r]-() WHERE r._seal IS NOT NULL"
            f"{_since('r', at)} RETURN DISTINCT {LINK}"
        )
        found = {one.key: one for one in map(rows.link, self._run(cypher, ids=ids, at=at))}
        for end in ("subject", "object") if at is not None else ():
            cypher = (
                f"MATCH (p:PastLink) WHERE p.{end} IN $ids AND p.until > $at AND p.since <= $at RETURN properties(p)"
            )
            for row in self._run(cypher, ids=ids, at=at):
                one = self._shown(rows.past_link(row[0]))
                found[one.key] = one
        return sorted(found.values(), key=lambda k: (k.type, k.subject, k.object))

    def link_history(self, id: str) -> list[Link]:
        def ask() -> list[Link]:
            cypher = (
                f"MATCH (n:CI {{id: $id}})-[r]-() WHERE r._seal IS NOT NULL{_since('r', self._until)} "
                f"RETURN DISTINCT {LINK}"
            )
            found = list(map(rows.link, self._run(cypher, id=id, at=self._until)))
            cypher = " UNION ".join(
                f"MATCH (p:PastLink) WHERE p.{end} = $id AND p.until IS NOT NULL AND p.since <= $until "
                "RETURN properties(p)"
                for end in ("subject", "object")
            )
            past = self._run(cypher, id=id, until=self._until)
            return found + [self._shown(rows.past_link(row[0])) for row in past]

        return sorted(self._steady(ask), key=lambda k: (k.since, k.type, k.subject, k.object))

    def scan_links(self, types: Collection[str] | None = None, at: int | None = None) -> Iterator[Link]:
        wanted = [t for t in (RELATIONSHIP_TYPES if types is None else types) if t in RELATIONSHIP_TYPES]
        if not wanted:
            return

        def ask(low: str, high: str) -> list[Link]:
            now = self._at(at)
            cypher = (
                f"MATCH (n:CI)-[r:{'|'.join(wanted)}]->() WHERE n.id > $low AND n.id <= $high AND r._seal IS NOT NULL"
                f"{_since('r', now)} RETURN {LINK}"
            )
            found = list(map(rows.link, self._run(cypher, low=low, high=high, at=now)))
            if now is not None:
                cypher = (
                    "MATCH (p:PastLink) WHERE p.until > $at AND p.since <= $at AND p.subject > $low AND p.subject <= $high "
                    "AND p.type IN $types RETURN properties(p)"
                )
                past = self._run(cypher, low=low, high=high, at=now, types=wanted)
                found += [self._shown(rows.past_link(row[0])) for row in past]
            return found

        for low, high in self._ranges():
            yield from self._steady(partial(ask, low, high))

    def _shown(self, state: State) -> State:
        """A past state as this view shows it: what ended after the view's revision has not ended."""
        if state.until is not None and state.until > self._until:
            state.until = state.ended = state.witness = state.ended_not_before = None
        return state

    # -- claims, scopes, coverage --------------------------------------------------------------------------------------

    def coverage(self, subjects: Collection[str] | None = None, at_time: int | None = None) -> list[Coverage]:
        conditions = (
            [] if subjects is None else [f"c.subject IN $subjects{_present('c', 'section', 'source', 'seen_at')}"]
        )
        conditions += [] if at_time is None else ["c.seen_at <= $time"]
        cypher = (
            f"MATCH (c:Coverage){' WHERE ' if conditions else ''}{' AND '.join(conditions)} "
            "RETURN properties(c) ORDER BY c.seen_at"
        )
        given = None if subjects is None else list(subjects)
        found = map(rows.coverage, (row[0] for row in self._many(cypher, subjects=given, time=at_time)))
        newest = {(c.subject, c.section, c.source): c for c in found}
        return [newest[key] for key in sorted(newest)]

    def scopes(self, subject: str) -> list[Scope]:
        cypher = f"MATCH (s:Scope) WHERE s.subject = $subject{_present('s', 'source', 'section')} RETURN properties(s)"
        found = [rows.scope(row[0]) for row in self._many(cypher, subject=subject)]
        return sorted(found, key=lambda s: (s.section, s.source))

    def scopes_by_number(self, numbers: Collection[int]) -> dict[int, Scope]:
        cypher = "MATCH (s:Scope) WHERE s.number IN $numbers RETURN properties(s)"
        return {row[0]["number"]: rows.scope(row[0]) for row in self._many(cypher, numbers=list(numbers))}

    def claims(self, targets: Collection[str | LinkKey]) -> list[Claim]:
        cypher = f"MATCH (c:Claim) WHERE c.target IN $targets{_present('c', 'scope')} RETURN properties(c)"
        found = [rows.claim(row[0]) for row in self._many(cypher, targets=list(map(rows.target, targets)))]
        return sorted(found, key=lambda c: (not isinstance(c.target, str), c.target, c.scope))

    def readings(self, subject: str) -> dict[str, dict[str, Any]]:
        cypher = f"MATCH (r:Reading) WHERE r.subject = $subject{_present('r', 'section')} RETURN r.section, r.value"
        return {section: json.loads(value) for section, value in sorted(self._many(cypher, subject=subject))}

    def pending(self, nears: Collection[str]) -> list[Pending]:
        return self._pending("p.near IN $nears", nears=list(nears))

    def _pending(self, condition: str, **parameters: Any) -> list[Pending]:
        found = self._many(f"MATCH (p:Pending) WHERE {condition} RETURN properties(p)", **parameters)
        return sorted((rows.pending(row[0]) for row in found), key=lambda p: p.key)

    # -- entries and documents -----------------------------------------------------------------------------------------

    def entry(self, kind: str, key: str, at: int | None = None) -> Entry | None:
        return next((e for e in self.entry_history(kind, key) if _covers(e, at)), None)

    def entries(self, kind: str, at: int | None = None) -> list[Entry]:
        found = self._entries(f"e.kind = $kind{_present('e', 'key')}", kind=kind)
        return [e for e in sorted(found, key=lambda e: (e.key, e.since)) if _covers(e, at)]

    def entry_history(self, kind: str, key: str) -> list[Entry]:
        return sorted(self._entries("e.kind = $kind AND e.key = $key", kind=kind, key=key), key=lambda e: e.since)

    def _entries(self, condition: str, **parameters: Any) -> list[Entry]:
        def ask() -> list[Entry]:
            cypher = f"MATCH (e:Entry) WHERE {condition} AND e.since <= $until RETURN properties(e)"
            found = [rows.entry(row[0]) for row in self._run(cypher, until=self._until, **parameters)]
            for one in found:
                if one.until is not None and one.until > self._until:
                    one.until = None
            return found

        return self._steady(ask)

    def documents(self, digests: Collection[str]) -> dict[str, bytes]:
        cypher = "MATCH (d:Document) WHERE d.digest IN $digests RETURN d.digest, d.data"
        return {digest: zlib.decompress(data) for digest, data in self._many(cypher, digests=list(digests))}

    def counts(self) -> dict[str, int]:
        def ask() -> dict[str, int]:
            now = self._at(None)
            after = _since("n", now).replace(" AND ", " WHERE ")
            cypher = " UNION ALL ".join(
                f"MATCH (n:{name}){after} RETURN '{name}' AS class, count(n) AS count" for name in CLASSES
            )
            found = {name: count for name, count in self._run(cypher, at=now) if count}
            if now is None:
                # The database keeps the number of relationships; those that are no links are one a part.
                cypher = (
                    "MATCH ()-[r]->() RETURN count(r) AS count UNION ALL "
                    "MATCH (n:CI) WHERE n._part IS NOT NULL RETURN -count(n) AS count"
                )
            else:
                cypher = "MATCH (:CI)-[r]->(:CI) WHERE r._seal IS NOT NULL AND r.since <= $at RETURN count(r)"
            links = sum(row[0] for row in self._run(cypher, at=now))
            if now is not None:
                span = "p.until > $at AND p.since <= $at"
                for name, count in self._run(f"MATCH (p:Past) WHERE {span} RETURN p.class, count(p)", at=now):
                    found[name] = found.get(name, 0) + count
                links += self._run(f"MATCH (p:PastLink) WHERE {span} RETURN count(p)", at=now)[0][0]
            cypher = "MATCH (r:Revision) WHERE r.number <= $until RETURN count(r)"
            revisions = self._run(cypher, until=self._until)[0][0]
            return {**dict(sorted(found.items())), "links": links, "revisions": revisions}

        return self._steady(ask)

    def _many(self, cypher: str, **parameters: Any) -> list[list[Any]]:
        return self._steady(lambda: self._run(cypher, **parameters))


State = TypeVar("State", Item, Link)


def _present(of: str, *properties: str) -> str:
    """That these properties are there, as always: an index of several serves only a condition on all of them."""
    return "".join(f" AND {of}.{name} IS NOT NULL" for name in properties)


def _since(of: str, at: int | None) -> str:
    return "" if at is None else f" AND {of}.since <= $at"


def _covers(entry: Entry, at: int | None) -> bool:
    return entry.until is None if at is None else entry.since <= at and (entry.until is None or entry.until > at)


def _change(text: str) -> tuple[Kind, Change, str]:
    kind, change, id_ = text.split(" ", 2)
    return kind, change, id_  # type: ignore[return-value]
