"""What is gone or long unseen, behind a server's API: part of RemoteEstate."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from api.remote_conflicts import Http

Document = dict[str, Any]


class RemoteAbsence:
    """Use cases of absence."""

    def retire(self: Http, id: str, reason: str) -> Document:
        return self._send("POST", f"/cis/{quote(id, safe='')}/retirement", {"reason": reason})

    def restore(self: Http, id: str, reason: str) -> Document:
        return self._send("POST", f"/cis/{quote(id, safe='')}/restoration", {"reason": reason})

    def freshness(self: Http, dry_run: bool = False) -> Document:
        return self._send("POST", "/freshness", {"dry_run": dry_run})
