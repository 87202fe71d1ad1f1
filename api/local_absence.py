"""What is gone or long unseen, in a store that this process opened: part of LocalEstate."""

from __future__ import annotations

import secrets
from typing import Any

from api.local_conflicts import Asking

Document = dict[str, Any]


class LocalAbsence:
    """Use cases of absence."""

    def retire(self: Asking, id: str, reason: str) -> Document:
        self.caller.needs("operate")
        from cmdb import by_hand

        with self.store.transaction() as tx:
            return by_hand.retire(tx, id, self.caller.actor, reason, self.clock, secrets.token_bytes)

    def restore(self: Asking, id: str, reason: str) -> Document:
        self.caller.needs("operate")
        from cmdb import by_hand

        with self.store.transaction() as tx:
            return by_hand.restore(tx, id, self.caller.actor, reason, self.clock, secrets.token_bytes)

    def freshness(self: Asking, dry_run: bool = False) -> Document:
        self.caller.needs("administer")
        from cmdb.freshness import Freshness

        return Freshness(self.store, self.caller.actor, self.clock, dry_run=dry_run).run()
