"""The part of the Neo4j store that retention asks and writes: past states by age, and freeing them of their values."""

from __future__ import annotations

from collections.abc import Mapping

from cmdb.states import Item, Link
from cmdb.stores import neo4j_rows as rows
from cmdb.stores.neo4j_records import Records

FREE_STATES = (
    "UNWIND $rows AS r MATCH (p:Past) WHERE p.id = r[0] AND p.until = r[1] "
    "SET p.attributes = '{}', p.seal = r[2], p.freed = true, p.identifiers = CASE WHEN p.retired THEN p.identifiers END"
)
FREE_LINKS = (
    "UNWIND $rows AS r MATCH (p:PastLink) WHERE p.subject = r[0] AND p.until = r[3] AND p.type = r[1] AND p.object = r[2] "
    "SET p.attributes = '{}', p.seal = r[4], p.freed = true"
)


class Freeing(Records):
    """Their part of a View (ports.py)."""

    def past_states(self, until: Mapping[str, int], after: tuple[str, int], limit: int) -> list[Item]:
        if not until:
            return []
        cypher = (
            "MATCH (p:Past) WHERE p.id >= $id AND p.until IS NOT NULL AND (p.id > $id OR p.until > $place) "
            "AND p.until <= $until[p.class] AND p.freed IS NULL "
            "RETURN properties(p) ORDER BY p.id, p.until LIMIT $limit"
        )
        given = {"id": after[0], "place": after[1], "until": dict(until), "limit": limit}
        return [rows.past(row[0]) for row in self._steady(lambda: self._run(cypher, **given))]

    def past_links(self, until: int, after: str, limit: int) -> list[Link]:
        cypher = (
            "MATCH (p:PastLink) WHERE {} AND p.until <= $until AND p.freed IS NULL "
            "RETURN properties(p) ORDER BY p.subject LIMIT $limit"
        )
        behind = cypher.format("p.subject > $after")
        found = self._links_of_rows(behind, after=after, until=until, limit=limit + 1)
        if len(found) > limit:
            first, last = found[0].subject, found[-1].subject
            if first == last:
                one = cypher.format("p.subject = $after")
                found = self._links_of_rows(one, after=first, until=until, limit=2**31)
            else:
                found = [k for k in found if k.subject != last]
        return sorted(found, key=lambda k: (k.subject, k.type, k.object, k.until or 0))

    def _links_of_rows(self, cypher: str, **given: object) -> list[Link]:
        return [rows.past_link(row[0]) for row in self._steady(lambda: self._run(cypher, **given))]
