"""What people say of things, behind a server's API: a part of RemoteEstate."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import quote, urlencode

from api.remote_conflicts import Http

Document = dict[str, Any]


class Calling(Protocol):
    """What RemoteEstate has for what is no JSON."""

    def _call(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> bytes: ...


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

    def import_file(
        self: Calling, data: bytes, said: Mapping[str, Any], progress: Callable[[int, int], None] | None = None
    ) -> Document:
        """Where the server works it out, it is told as a whole."""
        asked = [(name, str(said[name])) for name in ("format", "source", "class", "expect") if said.get(name)]
        asked += [(name, "true") for name in ("dry_run", "partly", "complete") if said.get(name)]
        asked += [("match", name) for name in said.get("match") or ()]
        asked += [("map", f"{column}={name}") for column, name in (said.get("columns") or {}).items()]
        headers = {"Content-Type": "application/octet-stream"}
        found = json.loads(self._call("POST", f"/imports?{urlencode(asked)}", data, headers))
        assert isinstance(found, dict), "the server answers with a document"
        if progress is not None:
            progress(found["rows"], found["rows"])
        return found

    def edit(self: Http, query: str, said: Mapping[str, Any]) -> Document:
        return self._send("PATCH", "/cis", {"q": query, **said})
