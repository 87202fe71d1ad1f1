"""What the Neo4j store keeps of sweeps: the records, and each target of one. Outside the chain and outside history."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from cmdb.states import SweepRecord, SweepStanding, SweepTarget
from cmdb.stores.neo4j_freeing import Freeing

SWEEP = "s.id, s.number, s.started_at, s.targets, s.value"
TARGET = "t.sweep, t.number, t.outcome, t.value"
PUT_SWEEPS = (
    "UNWIND $rows AS r MERGE (s:Sweep {id: r[0]}) "
    "SET s.number = r[1], s.started_at = r[2], s.targets = r[3], s.value = r[4]"
)
PUT_TARGETS = "UNWIND $rows AS r MERGE (t:SweepTarget {sweep: r[0], number: r[1]}) SET t.outcome = r[2], t.value = r[3]"
NEWEST = "MATCH (s:Sweep) WHERE s.number > 0 RETURN max(s.number)"
DROP_TARGETS = "MATCH (t:SweepTarget) WHERE t.sweep = $id AND t.number IS NOT NULL WITH t LIMIT $most DELETE t"
LEFT = "MATCH (t:SweepTarget) WHERE t.sweep = $id AND t.number IS NOT NULL RETURN 1 LIMIT 1"
DROP_SWEEP = "MATCH (s:Sweep {id: $id}) DELETE s"


class Sweeps(Freeing):
    """Their part of a View (ports.py)."""

    def sweep(self, id: str) -> SweepRecord | None:
        found = self._many(f"MATCH (s:Sweep) WHERE s.id = $id RETURN {SWEEP}", id=id)
        return record(found[0]) if found else None

    def sweeps(self, before: int | None = None, limit: int = 100) -> list[SweepRecord]:
        cypher = f"MATCH (s:Sweep) WHERE s.number < $before RETURN {SWEEP} ORDER BY s.number DESC LIMIT $limit"
        found = self._many(cypher, before=2**62 if before is None else before, limit=limit)
        return [record(row) for row in found]

    def sweep_targets(
        self,
        sweep: str,
        after: int = 0,
        limit: int = 1000,
        outcomes: Collection[str] | None = None,
        holding: Collection[str] | None = None,
    ) -> list[SweepTarget]:
        among = "" if outcomes is None else " AND t.outcome IN $outcomes"
        among += "" if holding is None else " AND any(text IN $holding WHERE t.value CONTAINS text)"
        cypher = (
            f"MATCH (t:SweepTarget) WHERE t.sweep = $sweep AND t.number > $after{among} "
            f"RETURN {TARGET} ORDER BY t.number LIMIT $limit"
        )
        given = {
            "outcomes": None if outcomes is None else list(outcomes),
            "holding": None if holding is None else [json.dumps(text, ensure_ascii=False)[1:-1] for text in holding],
        }
        return [target(row) for row in self._many(cypher, sweep=sweep, after=after, limit=limit, **given)]

    def sweep_counts(self, sweep: str) -> dict[str, int]:
        cypher = "MATCH (t:SweepTarget) WHERE t.sweep = $sweep AND t.outcome IS NOT NULL RETURN t.outcome, count(*)"
        return dict(sorted(self._many(cypher, sweep=sweep)))

    def sweep_standing(self) -> SweepStanding:
        return SweepStanding(*self._many("MATCH (s:Sweep) RETURN count(s), coalesce(sum(s.targets), 0)")[0])


def record(row: list[Any]) -> SweepRecord:
    """A SweepRecord of a row of SWEEP."""
    return SweepRecord(*(*row[:4], json.loads(row[4])))


def row_of(value: SweepRecord) -> list[Any]:
    """Values in the order of SWEEP."""
    return [value.id, value.number, value.started_at, value.targets, json.dumps(value.value, ensure_ascii=False)]


def target(row: list[Any]) -> SweepTarget:
    """A SweepTarget of a row of TARGET."""
    return SweepTarget(*(*row[:3], json.loads(row[3])))


def target_row(value: SweepTarget) -> list[Any]:
    """Values in the order of TARGET."""
    return [value.sweep, value.number, value.outcome, json.dumps(value.value, ensure_ascii=False)]
