"""Agents behind a server's API: a part of RemoteEstate."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from api.remote_conflicts import Http

Document = dict[str, Any]


class RemoteAgents:
    """Their part of an Estate (estate.py)."""

    def agents(self: Http, cursor: str | None = None, limit: int = 100) -> Document:
        return self._get("/agents", cursor=cursor, limit=limit)

    def agent(self: Http, id: str) -> Document:
        return self._get(f"/agents/{quote(id, safe='')}")

    def approve_agent(self: Http, id: str, replace: bool = False) -> Document:
        return self._send("POST", f"/agents/{quote(id, safe='')}/approval", {"replace": replace})

    def revoke_agent(self: Http, id: str, reason: str = "") -> Document:
        return self._send("POST", f"/agents/{quote(id, safe='')}/revocation", {"reason": reason})

    def rotate_agent(self: Http, id: str) -> Document:
        return self._send("POST", f"/agents/{quote(id, safe='')}/rotation", {})

    def ask_agent(self: Http, id: str, what: str) -> Document:
        return self._send("POST", f"/agents/{quote(id, safe='')}/wishes", {"wish": what})
