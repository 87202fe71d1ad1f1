"""Links between ports derived in a store that this process opened: part of LocalEstate."""

from __future__ import annotations

from typing import Any, Protocol

from api.links_due import LinksDue
from api.local_conflicts import Asking

Document = dict[str, Any]


class _Linking(Asking, Protocol):
    """What LocalEstate has for this."""

    @property
    def links_due(self) -> LinksDue: ...

    def derive_links(self, dry_run: bool = False) -> Document: ...


class LocalLinks:
    """Use cases of links."""

    def derive_links(self: _Linking, dry_run: bool = False) -> Document:
        self.caller.needs("operate")
        from cmdb.deriving import Deriving

        run = Deriving(self.store, self.caller.actor, self.clock, dry_run=dry_run).run
        return run() if dry_run else self.links_due.run(run)

    def derive_links_when_due(self: _Linking) -> Document | None:
        """For a schedule that asks again and again: the run where one was due."""
        return self.derive_links() if self.links_due.due() else None

    def derive_links_of_what_came(self: _Linking) -> Document | None:
        """At the end of a sweep or a look: the run where evidence was handed in through this estate."""
        return self.derive_links() if self.links_due.came else None
