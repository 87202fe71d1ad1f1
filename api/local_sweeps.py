"""Records of sweeps in a store that this process opened: a part of LocalEstate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from api.local_conflicts import Asking
from cmdb import sweeps
from cmdb.model.errors import UsageError

Document = dict[str, Any]


class LocalSweeps:
    """Their part of an Estate (estate.py)."""

    def sweeps(self: Asking, cursor: str | None = None, limit: int = 100) -> Document:
        self.caller.needs("read")
        with self.store.view() as view:
            return sweeps.listed(view, self.clock(), cursor, _page(limit))

    def sweep(
        self: Asking,
        id: str,
        outcomes: Sequence[str] = (),
        cursor: str | None = None,
        limit: int = 100,
        plan: bool = False,
    ) -> Document:
        reads = self.caller.may("read")
        self.caller.needs("sweep" if plan or not reads else "read")
        asked = sweeps.Asked(tuple(outcomes), cursor, _page(limit), plan)
        # Who may not read all sees the sweeps of its own source.
        teller = sweeps.Teller(self.caller.actor, self.caller.source if plan or not reads else None)
        with self.store.view() as view:
            return sweeps.show(view, id, self.clock(), asked, teller)

    def put_sweep(self: Asking, id: str, said: Mapping[str, Any]) -> Document:
        self.caller.needs("sweep")
        words = sweeps.Said(
            str(said["source"]),
            str(said["state"]),
            int(said["total"]),
            tuple(said.get("words") or ()),
            str(said.get("zone") or "default"),
        )
        teller = sweeps.Teller(self.caller.actor, self.caller.source)
        return sweeps.put(self.store, id, words, teller, self.clock())

    def put_sweep_targets(self: Asking, id: str, targets: Sequence[Mapping[str, Any]]) -> Document:
        self.caller.needs("sweep")
        rows = [sweeps.Row(int(one["number"]), one.get("plan"), one.get("result")) for one in targets]
        teller = sweeps.Teller(self.caller.actor, self.caller.source)
        return sweeps.put_targets(self.store, id, rows, teller, self.clock())


def _page(limit: int) -> int:
    if not 1 <= limit <= sweeps.MAX_AT_ONCE:
        raise UsageError(f"A page has 1 to {sweeps.MAX_AT_ONCE} items, not {limit}.")
    return limit
