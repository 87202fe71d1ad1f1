"""Links between ports derived in a store that this process opened: part of LocalEstate."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Protocol

from api.links_due import LinksDue
from api.local_conflicts import Asking

Document = dict[str, Any]


class _Linking(Asking, Protocol):
    """What LocalEstate has for this."""

    @property
    def links_due(self) -> LinksDue: ...

    def derive_changed_links(self) -> Document: ...


class LocalLinks:
    """Use cases of links."""

    def derive_links(self: _Linking, dry_run: bool = False) -> Document:
        """By hand: all of it is loaded anew."""
        self.caller.needs("operate")
        from cmdb.deriving import Deriving

        if dry_run:
            return Deriving(self.store, self.caller.actor, self.clock, dry_run=True).run()
        self.links_due.memory.forget()
        return self.derive_changed_links()

    def derive_changed_links(self: _Linking) -> Document:
        """By itself: what has changed since the last run of this process is loaded."""
        self.caller.needs("operate")
        from cmdb.deriving import Deriving

        due = self.links_due

        def run(told: Collection[str]) -> Document:
            return Deriving(self.store, self.caller.actor, self.clock, memory=due.memory, told=told).run()

        return due.run(run)

    def derive_links_when_due(self: _Linking) -> Document | None:
        """For a schedule that asks again and again: the run where one was due."""
        return self.derive_changed_links() if self.links_due.due() else None

    def derive_links_of_what_came(self: _Linking) -> Document | None:
        """At the end of a sweep or a look: the run where evidence was handed in through this estate."""
        return self.derive_changed_links() if self.links_due.came else None
