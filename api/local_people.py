"""What people say of things, in a store that this process opened: a part of LocalEstate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.local_conflicts import Asking

Document = dict[str, Any]


class LocalPeople:
    """Their part of an Estate (estate.py)."""

    def edit(self: Asking, query: str, said: Mapping[str, Any]) -> Document:
        self.caller.needs("operate")
        from cmdb.edit import Words, edit

        return edit(
            self.store,
            query,
            Words(said.get("set") or {}, said.get("unset") or (), said.get("tag") or (), said.get("untag") or ()),
            self.caller.actor,
            str(said.get("reason") or ""),
            dry_run=bool(said.get("dry_run")),
            expect=said.get("expect"),
            clock=self.clock,
        )
