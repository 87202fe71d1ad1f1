"""What people say of things, behind a server's API: a part of RemoteEstate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.remote_conflicts import Http

Document = dict[str, Any]


class RemotePeople:
    """Their part of an Estate (estate.py)."""

    def edit(self: Http, query: str, said: Mapping[str, Any]) -> Document:
        return self._send("PATCH", "/cis", {"q": query, **said})
