"""What the Neo4j store answers, in Cypher. How an answer stays in one revision is neo4j_store_view's matter."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial
from typing import Any, Literal, TypeVar

from cmdb.model.classes import CLASSES
from cmdb.model.relationship_types import RELATIONSHIP_TYPES
from cmdb.states import Change, Head, Item, Link, Revision
from cmdb.stores import neo4j_rows as rows
from cmdb.stores.neo4j_sweeps import Sweeps

Kind = Literal["ci", "link", "entry"]
T = TypeVar("T")

CHUNK = 5_000
"""CIs that one question of a scan reads."""

LAST = "~"
"""Above all ids."""

REVISION = ", ".join(f".{name}" for name in Revision.__slots__)
TOGETHER = "collect([properties(n), labels(n)])"
"""Nodes in one record: the driver spends more on a record than on what is in it."""
LINK = "type(r), startNode(r).id, endNode(r).id, properties(r)"


class Answers(Sweeps):
    """Answers of a View (ports.py)."""

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
                self._together(f"MATCH (n:CI) WHERE n.id IN $ids{_since('n', at)} RETURN {TOGETHER}", ids=ids, at=at),
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
                f"{_since('n', now)} RETURN {TOGETHER}"
            )
            found = list(map(rows.item, self._together(cypher, prefixes=prefixes, at=now)))
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

    def retired(self, classes: Collection[str], at: int | None = None) -> Iterator[Item]:
        def ask() -> list[Item]:
            cypher = (
                "MATCH (p:Past) WHERE p.retired = true AND p.class IN $classes AND p.until <= $at "
                "AND NOT EXISTS { MATCH (n:CI) WHERE n.id = p.id AND n.since <= $at } "
                "AND NOT EXISTS { MATCH (q:Past) WHERE q.id = p.id AND q.until > p.until AND q.since <= $at } "
                "RETURN properties(p)"
            )
            known = [n for n in classes if n in CLASSES]
            found = self._run(cypher, classes=known, at=self._until if at is None else min(at, self._until))
            return [rows.past(row[0]) for row in found]

        yield from self._steady(ask)

    def scan(self, classes: Collection[str] | None = None, at: int | None = None) -> Iterator[Item]:
        wanted = list(CLASSES) if classes is None else [n for n in classes if n in CLASSES]
        if not wanted:
            return
        label = "" if classes is None else f"&({'|'.join(wanted)})"

        def ask(low: str, high: str) -> list[Item]:
            now = self._at(at)
            cypher = f"MATCH (n:CI{label}) WHERE n.id > $low AND n.id <= $high{_since('n', now)} RETURN {TOGETHER}"
            found = list(map(rows.item, self._together(cypher, low=low, high=high, at=now)))
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

    def _together(self, cypher: str, **parameters: Any) -> list[list[Any]]:
        """The rows that a statement has gathered in its one record."""
        found = self._run(cypher, **parameters)
        return found[0][0] if found else []

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


State = TypeVar("State", Item, Link)


def _since(of: str, at: int | None) -> str:
    return "" if at is None else f" AND {of}.since <= $at"


def _change(text: str) -> tuple[Kind, Change, str]:
    kind, change, id_ = text.split(" ", 2)
    return kind, change, id_  # type: ignore[return-value]
