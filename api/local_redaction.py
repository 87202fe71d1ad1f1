"""Redaction in a store that this process opened: part of LocalEstate."""

from __future__ import annotations

import secrets
from typing import Any

from api.local_conflicts import Asking

Document = dict[str, Any]


class LocalRedaction:
    """Use cases of redaction."""

    def redact(self: Asking, id: str, attribute: str, reason: str) -> Document:
        self.caller.needs("administer")
        from baselines.redacting import rewritten
        from cmdb.redaction import redact

        return redact(self.store, id, attribute, reason, self.caller.actor, rewritten, self.clock, secrets.token_bytes)

    def lift_redaction(self: Asking, id: str, attribute: str, reason: str) -> Document:
        self.caller.needs("administer")
        from cmdb.redaction import lift

        return lift(self.store, id, attribute, reason, self.caller.actor, self.clock, secrets.token_bytes)
