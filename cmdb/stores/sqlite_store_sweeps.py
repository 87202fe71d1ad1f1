"""What the SQLite store keeps of sweeps: the records, and each target of one. Outside the chain and outside history."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from typing import Any

from cmdb.states import SweepRecord, SweepStanding, SweepTarget

SWEEP = "id, number, started_at, targets, value"
TARGET = "sweep, number, outcome, value"


class SqliteSweeps:
    """Their part of a View and a Transaction (ports.py)."""

    _db: sqlite3.Connection

    def sweep(self, id: str) -> SweepRecord | None:
        row = self._db.execute(f"SELECT {SWEEP} FROM sweep WHERE id = ?", (id,)).fetchone()
        return record(row) if row else None

    def sweeps(self, before: int | None = None, limit: int = 100) -> list[SweepRecord]:
        sql = f"SELECT {SWEEP} FROM sweep WHERE number < ? ORDER BY number DESC LIMIT ?"
        return [record(row) for row in self._db.execute(sql, (2**62 if before is None else before, limit))]

    def sweep_targets(
        self,
        sweep: str,
        after: int = 0,
        limit: int = 1000,
        outcomes: Collection[str] | None = None,
        holding: Collection[str] | None = None,
    ) -> list[SweepTarget]:
        among, values = "", list[Any]((sweep, after))
        if outcomes is not None:
            among, values = " AND outcome IN (SELECT value FROM json_each(?))", [*values, json.dumps(sorted(outcomes))]
        if holding is not None:
            among += " AND EXISTS (SELECT 1 FROM json_each(?) AS text WHERE instr(sweep_target.value, text.value))"
            values.append(json.dumps([json.dumps(text, ensure_ascii=False)[1:-1] for text in holding]))
        sql = f"SELECT {TARGET} FROM sweep_target WHERE sweep = ? AND number > ?{among} ORDER BY number LIMIT ?"
        return [target(row) for row in self._db.execute(sql, (*values, limit))]

    def sweep_counts(self, sweep: str) -> dict[str, int]:
        sql = "SELECT outcome, count(*) FROM sweep_target WHERE sweep = ? GROUP BY outcome ORDER BY outcome"
        return dict(self._db.execute(sql, (sweep,)))

    def sweep_standing(self) -> SweepStanding:
        return SweepStanding(*self._db.execute("SELECT count(*), coalesce(sum(targets), 0) FROM sweep").fetchone())

    def put_sweep(self, record: SweepRecord) -> None:
        known = self._db.execute("SELECT number FROM sweep WHERE id = ?", (record.id,)).fetchone()
        newest = known or self._db.execute("SELECT coalesce(max(number), 0) + 1 FROM sweep").fetchone()
        record.number = newest[0]
        self._db.execute("INSERT OR REPLACE INTO sweep VALUES (?, ?, ?, ?, ?)", row_of(record))

    def put_sweep_targets(self, targets: Sequence[SweepTarget]) -> None:
        self._db.executemany("INSERT OR REPLACE INTO sweep_target VALUES (?, ?, ?, ?)", map(target_row, targets))

    def drop_sweep(self, id: str, most: int) -> bool:
        some = "SELECT number FROM sweep_target WHERE sweep = ? ORDER BY number LIMIT ?"
        self._db.execute(f"DELETE FROM sweep_target WHERE sweep = ? AND number IN ({some})", (id, id, most))
        if self._db.execute("SELECT 1 FROM sweep_target WHERE sweep = ? LIMIT 1", (id,)).fetchone():
            return False
        self._db.execute("DELETE FROM sweep WHERE id = ?", (id,))
        return True


def record(row: tuple[Any, ...]) -> SweepRecord:
    """A SweepRecord of a row of SWEEP."""
    return SweepRecord(*(*row[:4], json.loads(row[4])))


def row_of(value: SweepRecord) -> tuple[Any, ...]:
    """Values in the order of SWEEP."""
    return (value.id, value.number, value.started_at, value.targets, json.dumps(value.value, ensure_ascii=False))


def target(row: tuple[Any, ...]) -> SweepTarget:
    """A SweepTarget of a row of TARGET."""
    return SweepTarget(*(*row[:3], json.loads(row[3])))


def target_row(value: SweepTarget) -> tuple[Any, ...]:
    """Values in the order of TARGET."""
    return (value.sweep, value.number, value.outcome, json.dumps(value.value, ensure_ascii=False))
