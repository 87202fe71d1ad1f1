"""The agents of a store that this process opened: a part of LocalEstate."""

from __future__ import annotations

from typing import Any

from api.agent_keys import SecretKeeper
from api.agents import Agents
from api.installation_key import InstallationKey
from api.local_conflicts import Asking
from cmdb.query import listed

Document = dict[str, Any]


class LocalAgents:
    """Their part of an Estate (estate.py)."""

    def agents(self: Asking) -> Document:
        self.caller.needs("read")
        found = _agents(self).list()
        with self.store.view() as view:
            return listed(view, None, found, len(found), None)

    def agent(self: Asking, id: str) -> Document:
        self.caller.needs("read")
        return _agents(self).show(id)

    def approve_agent(self: Asking, id: str, replace: bool = False) -> Document:
        self.caller.needs("operate")
        return _agents(self).approve(self.caller.actor, id, replace)

    def revoke_agent(self: Asking, id: str, reason: str = "") -> Document:
        self.caller.needs("operate")
        return _agents(self).revoke(self.caller.actor, id, reason)

    def rotate_agent(self: Asking, id: str) -> Document:
        self.caller.needs("operate")
        return _agents(self).rotate(self.caller.actor, id)

    def ask_agent(self: Asking, id: str, what: str) -> Document:
        self.caller.needs("operate")
        return _agents(self).ask(self.caller.actor, id, what)


def _agents(asking: Asking) -> Agents:
    """They need no secret for any of this, so the installation's key is not read."""
    return Agents(asking.store, SecretKeeper(asking.store.genesis(), InstallationKey(), asking.clock), asking.clock)
