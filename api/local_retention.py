"""Retention and legal holds of a store that this process opened: part of LocalEstate."""

from __future__ import annotations

import secrets
from typing import Any

from api.local_conflicts import Asking

Document = dict[str, Any]


class LocalRetention:
    """Use cases of retention and holds."""

    def retention(self: Asking) -> Document:
        with self._asked(None) as (view, _):
            from cmdb.retention import show

            return show(view)

    def set_retention(self: Asking, days: int | None, class_name: str | None, reason: str) -> Document:
        self.caller.needs("administer")
        from cmdb.retention import set_age

        with self.store.transaction() as tx:
            return set_age(tx, days, class_name, reason, self.caller.actor, self.clock, secrets.token_bytes)

    def run_retention(self: Asking, dry_run: bool = False) -> Document:
        self.caller.needs("administer")
        from cmdb.retention import Run

        return Run(self.store, self.caller.actor, self.clock, dry_run=dry_run).run()

    def holds(self: Asking, at: str | None = None) -> Document:
        with self._asked(at) as (view, revision):
            from cmdb.holds import registered

            return registered(view, revision)

    def add_hold(self: Asking, name: str, scope: str, reason: str) -> Document:
        self.caller.needs("administer")
        from cmdb.holds import add

        with self.store.transaction() as tx:
            return add(tx, name, scope, reason, self.caller.actor, self.clock, secrets.token_bytes)

    def release_hold(self: Asking, name: str, reason: str) -> Document:
        self.caller.needs("administer")
        from cmdb.holds import release

        with self.store.transaction() as tx:
            return release(tx, name, reason, self.caller.actor, self.clock, secrets.token_bytes)
