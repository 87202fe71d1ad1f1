"""Conflicts, merges and splits behind a server's API: part of RemoteEstate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol
from urllib.parse import quote

Document = dict[str, Any]


class Http(Protocol):
    """What RemoteEstate has."""

    def _get(self, path: str, **parameters: Any) -> Document: ...

    def _send(self, method: str, path: str, said: Document) -> Document: ...


class RemoteConflicts:
    """Use cases of conflicts."""

    def conflicts(
        self: Http, every: bool = False, at: str | None = None, cursor: str | None = None, limit: int = 100
    ) -> Document:
        return self._get("/conflicts", all="true" if every else None, at=at, cursor=cursor, limit=limit)

    def conflict(self: Http, number: str, at: str | None = None) -> Document:
        return self._get(f"/conflicts/{quote(number, safe='')}", at=at)

    def resolve_conflict(self: Http, number: str, proposal: str, reason: str) -> Document:
        return self._send("POST", f"/conflicts/{quote(number, safe='')}/resolution", {"as": proposal, "reason": reason})

    def merge(self: Http, id: str, other: str, reason: str) -> Document:
        return self._send("POST", f"/cis/{quote(id, safe='')}/merge", {"other": other, "reason": reason})

    def split(self: Http, id: str, reason: str, sources: Sequence[str] = ()) -> Document:
        return self._send("POST", f"/cis/{quote(id, safe='')}/split", {"reason": reason, "sources": list(sources)})
