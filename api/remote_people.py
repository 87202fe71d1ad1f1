"""What people say of things, behind a server's API: a part of RemoteEstate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from api.remote_conflicts import Http

Document = dict[str, Any]


class RemotePeople:
    """Their part of an Estate (estate.py)."""

    def attributes(self: Http, at: str | None = None) -> Document:
        return self._get("/attributes", at=at)

    def add_attribute(self: Http, class_name: str, name: str, said: Mapping[str, Any]) -> Document:
        return self._send("POST", "/attributes", {"class": class_name, "name": name, **said})

    def remove_attribute(self: Http, class_name: str, name: str, reason: str) -> Document:
        path = f"/attributes/{quote(class_name, safe='')}/{quote(name, safe='')}/removal"
        return self._send("POST", path, {"reason": reason})

    def tags(self: Http, at: str | None = None) -> Document:
        return self._get("/tags", at=at)

    def edit(self: Http, query: str, said: Mapping[str, Any]) -> Document:
        return self._send("PATCH", "/cis", {"q": query, **said})
