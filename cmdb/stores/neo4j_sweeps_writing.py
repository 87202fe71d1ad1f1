"""The part of the Neo4j store that writes sweeps and their targets."""

from __future__ import annotations

from collections.abc import Sequence

from cmdb.states import SweepRecord, SweepTarget
from cmdb.stores import neo4j_sweeps as sweeps
from cmdb.stores.neo4j_outbox import MOST_ROWS
from cmdb.stores.neo4j_questions import Questions


class SweepWriting(Questions):
    """Their part of a Transaction (ports.py)."""

    def put_sweep(self, record: SweepRecord) -> None:
        known = self.sweep(record.id)
        record.number = known.number if known else int(self._run(sweeps.NEWEST)[0][0] or 0) + 1
        self._send(sweeps.PUT_SWEEPS, rows=[sweeps.row_of(record)])

    def put_sweep_targets(self, targets: Sequence[SweepTarget]) -> None:
        for start in range(0, len(targets), MOST_ROWS):
            self._send(sweeps.PUT_TARGETS, rows=list(map(sweeps.target_row, targets[start : start + MOST_ROWS])))

    def drop_sweep(self, id: str, most: int) -> bool:
        self._send(sweeps.DROP_TARGETS, id=id, most=most)
        if self._run(sweeps.LEFT, id=id):
            return False
        self._send(sweeps.DROP_SWEEP, id=id)
        return True
