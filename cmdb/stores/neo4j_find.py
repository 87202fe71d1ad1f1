"""`find` of the Neo4j store: pages of the answers to a query, of now or as of a revision.

Of now the database answers all of it. As of a revision it answers for the current states that are old enough, and
query_language.matches judges the past states that cover it. Only terms about relations as of a revision need every candidate,
since which relations a CI had then is no property of its node.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from cmdb.model import cursor as cursors
from cmdb.model.classes import CLASSES
from cmdb.model.query_language import Query, matches
from cmdb.model.text import sort_key
from cmdb.states import COUNTED, Item, Page
from cmdb.stores import neo4j_rows as rows
from cmdb.stores.neo4j_audit import Audit
from cmdb.stores.neo4j_search import Condition, place

Place = tuple[str, str, str]
"""(class, sort_key(name), id), which lists are ordered by."""


class Finding(Audit):
    """Answers, and `find`."""

    def find(self, query: Query, at: int | None = None, after: str | None = None, limit: int = 100) -> Page:
        begin = cursors.after(after) if after is not None else None
        condition = Condition(query)

        def ask() -> tuple[list[Item], int]:
            now = self._at(at)
            if now is None:
                current = self._listed(condition.cypher, condition, None, begin, limit + 1)
                return current, self._total(condition, None, begin, current, limit)
            if condition.relations:
                return self._by_relations(query, condition, now, begin)
            past = [i for i in self._past(condition, now) if matches(query, i, ())]
            current = self._listed(condition.cypher, condition, now, begin, limit + 1)
            total = self._total(condition, now, begin, current, limit) + len(past)
            return sorted(current + _behind(begin, past), key=_place), total

        found, total = self._steady(ask)
        more = cursors.cursor_of(found[limit - 1]) if 0 < limit < len(found) else None
        return Page(found[:limit], more, total if total <= COUNTED else None)

    def _listed(
        self, cypher: str, condition: Condition, at: int | None, begin: Place | None, limit: int | None
    ) -> list[Item]:
        """Current CIs in order, behind a place."""
        parameters: dict[str, Any] = {**condition.parameters, "at": at, "limit": limit, "listed": ""}
        behind = ""
        if len(condition.classes) == 1:
            # A class is one stretch of the index: "!" is the character behind the space.
            only = condition.classes[0]
            parameters["listed"], parameters["above"] = f"{only} ", f"{only}!"
            behind = " AND n._listed < $above"
            begin = None if begin is not None and begin[0] < only else begin
        if begin is not None:
            parameters["listed"], parameters["rest"] = place(begin[0], begin[1])
            parameters["id"] = begin[2]
            behind += (
                " AND (n._listed > $listed OR coalesce(n._rest, '') > $rest "
                "OR coalesce(n._rest, '') = $rest AND n.id > $id)"
            )
        found = self._run(
            f"MATCH (n{condition.labels}) WHERE n._listed >= $listed{behind} AND {cypher}"
            f"{'' if at is None else ' AND n.since <= $at'} RETURN properties(n), labels(n) "
            f"ORDER BY n._listed, coalesce(n._rest, ''), n.id{'' if limit is None else ' LIMIT $limit'}",
            **parameters,
        )
        return list(map(rows.item, found))

    def _total(self, condition: Condition, at: int | None, begin: Place | None, first: list[Item], limit: int) -> int:
        """How many current CIs match, COUNTED + 1 at most. `first` are up to limit + 1 of them behind `begin`."""
        if begin is None and len(first) <= limit:
            return len(first)
        found = self._run(
            f"MATCH (n{condition.labels}) WHERE {condition.cypher}{'' if at is None else ' AND n.since <= $at'} "
            f"WITH n LIMIT {COUNTED + 1} RETURN count(n)",
            **condition.parameters,
            at=at,
        )
        return int(found[0][0])

    def _past(self, condition: Condition, at: int) -> list[Item]:
        """Past states that cover a revision, of the classes that can match."""
        found = self._run(
            "MATCH (p:Past) WHERE p.until > $at AND p.since <= $at AND p.class IN $classes RETURN properties(p)",
            at=at,
            classes=condition.classes,
        )
        return [self._shown(rows.past(row[0])) for row in found]

    def _by_relations(self, query: Query, condition: Condition, at: int, begin: Place | None) -> tuple[list[Item], int]:
        candidates = self._listed(condition.without_relations, condition, at, None, None) + self._past(condition, at)
        types = self._types(candidates, at)
        found = sorted((i for i in candidates if matches(query, i, types[i.id])), key=_place)
        return _behind(begin, found), len(found)

    def _types(self, items: Collection[Item], at: int) -> dict[str, set[str]]:
        """Types of all relations that these CIs had, containment included."""
        types: dict[str, set[str]] = {item.id: set() for item in items}
        for link in self._links(list(types), at):
            for end in (link.subject, link.object):
                if end in types:
                    types[end].add(link.type)
        for item in items:
            if item.parent is not None:
                types[item.id].add(CLASSES[item.class_name].containment)
        for part in self._parts_of(list(types), at):
            if part.parent in types:
                types[part.parent].add(CLASSES[part.class_name].containment)
        return types

    def _parts_of(self, parents: list[str], at: int) -> list[Item]:
        cypher = (
            "UNWIND $parents AS parent MATCH (n:CI) WHERE n._part STARTS WITH parent + ' ' AND n.since <= $at "
            "RETURN properties(n), labels(n)"
        )
        found = list(map(rows.item, self._run(cypher, parents=parents, at=at)))
        cypher = "MATCH (p:Past) WHERE p.parent IN $parents AND p.until > $at AND p.since <= $at RETURN properties(p)"
        return found + [rows.past(row[0]) for row in self._run(cypher, parents=parents, at=at)]


def _place(item: Item) -> Place:
    return item.class_name, sort_key(item.name), item.id


def _behind(begin: Place | None, items: list[Item]) -> list[Item]:
    return items if begin is None else [i for i in items if _place(i) > begin]
