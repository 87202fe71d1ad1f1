"""Retention and legal holds behind a server's API: part of RemoteEstate."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from api.remote_conflicts import Http

Document = dict[str, Any]


class RemoteRetention:
    """Use cases of retention and holds."""

    def retention(self: Http) -> Document:
        return self._get("/retention")

    def set_retention(self: Http, days: int | None, class_name: str | None, reason: str) -> Document:
        return self._send("POST", "/retention", {"days": days, "class": class_name, "reason": reason})

    def run_retention(self: Http, dry_run: bool = False) -> Document:
        return self._send("POST", "/retention/runs", {"dry_run": dry_run})

    def holds(self: Http, at: str | None = None) -> Document:
        return self._get("/holds", at=at)

    def add_hold(self: Http, name: str, scope: str, reason: str) -> Document:
        return self._send("POST", "/holds", {"name": name, "scope": scope, "reason": reason})

    def release_hold(self: Http, name: str, reason: str) -> Document:
        return self._send("POST", f"/holds/{quote(name, safe='')}/release", {"reason": reason})
