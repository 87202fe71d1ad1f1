"""The agents of a store that this process opened: a part of LocalEstate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.local_conflicts import Asking

if TYPE_CHECKING:  # whoever looks at a store needs no cryptography
    from api.agents import Agents

Document = dict[str, Any]


class LocalAgents:
    """Their part of an Estate (estate.py)."""

    def agents(self: Asking, cursor: str | None = None, limit: int = 100) -> Document:
        self.caller.needs("read")
        from api.agents import registered

        with self.store.view() as view:
            return registered(view, cursor, limit)

    def agent(self: Asking, id: str) -> Document:
        self.caller.needs("read")
        from api.agents import show

        with self.store.view() as view:
            return show(view, id)

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
    from api.agent_keys import SecretKeeper
    from api.agents import Agents
    from api.installation_key import InstallationKey

    return Agents(asking.store, SecretKeeper(asking.store.genesis(), InstallationKey(), asking.clock), asking.clock)
