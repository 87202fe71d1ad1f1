"""What people say of things, in a store that this process opened: a part of LocalEstate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from api.local_conflicts import Asking

Document = dict[str, Any]


class LocalPeople:
    """Their part of an Estate (estate.py)."""

    def attributes(self: Asking, at: str | None = None) -> Document:
        from cmdb.attribute_register import registered

        with self._asked(at) as (view, revision):
            return registered(view, revision)

    def add_attribute(self: Asking, class_name: str, name: str, said: Mapping[str, Any]) -> Document:
        self.caller.needs("administer")
        from cmdb.attribute_register import declare

        type_name, text, reason = (str(said.get(word) or "") for word in ("type", "text", "reason"))
        return declare(self.store, class_name, name, type_name, text, self.caller.actor, reason, self.clock)

    def remove_attribute(self: Asking, class_name: str, name: str, reason: str) -> Document:
        self.caller.needs("administer")
        from cmdb.attribute_register import remove

        return remove(self.store, class_name, name, self.caller.actor, reason, self.clock)

    def tags(self: Asking, at: str | None = None) -> Document:
        from cmdb.tags import in_use

        with self._asked(at) as (view, revision):
            return in_use(view, revision)

    def import_file(
        self: Asking, data: bytes, said: Mapping[str, Any], progress: Callable[[int, int], None] | None = None
    ) -> Document:
        self.caller.needs("operate")
        from api.import_files import rows_of
        from cmdb.importing import Wanted, take

        words = {
            name: said[name]
            for name in ("columns", "match", "partly", "complete", "dry_run", "expect")
            if said.get(name)
        }
        wanted = Wanted(str(said.get("source") or ""), said.get("class") or None, **words)
        rows = rows_of(data, str(said["format"]))
        return take(self.store, rows, wanted, self.caller.actor, self.clock, progress=progress)

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
