"""Conflicts, merges and splits in a store that this process opened: part of LocalEstate."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from api.caller import Caller
from cmdb import conflicts
from cmdb.ports import Clock, Store, View

Document = dict[str, Any]


class Asking(Protocol):
    """What LocalEstate has."""

    store: Store
    caller: Caller
    clock: Clock

    def _asked(self, at: str | None) -> AbstractContextManager[tuple[View, int | None]]: ...


class LocalConflicts:
    """Use cases of conflicts."""

    def conflicts(
        self: Asking, every: bool = False, at: str | None = None, cursor: str | None = None, limit: int = 100
    ) -> Document:
        with self._asked(at) as (view, revision):
            return conflicts.registered(view, every, revision, cursor, limit)

    def conflict(self: Asking, number: str, at: str | None = None) -> Document:
        with self._asked(at) as (view, revision):
            return conflicts.show(view, number, revision)

    def resolve_conflict(self: Asking, number: str, proposal: str, reason: str) -> Document:
        self.caller.needs("operate")
        from cmdb.resolution import resolve

        return resolve(self.store, number, proposal, self.caller.actor, reason, self.clock)

    def merge(self: Asking, id: str, other: str, reason: str) -> Document:
        self.caller.needs("operate")
        from cmdb.merging import merge

        return merge(self.store, id, other, self.caller.actor, reason, self.clock)

    def split(self: Asking, id: str, reason: str, sources: Sequence[str] = ()) -> Document:
        self.caller.needs("operate")
        from cmdb.splitting import split

        return split(self.store, id, self.caller.actor, reason, sources, self.clock)
