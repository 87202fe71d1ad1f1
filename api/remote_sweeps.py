"""Records of sweeps behind a server's API: a part of RemoteEstate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from api.remote_conflicts import Http

Document = dict[str, Any]


class RemoteSweeps:
    """Their part of an Estate (estate.py)."""

    def sweeps(self: Http, cursor: str | None = None, limit: int = 100) -> Document:
        return self._get("/sweeps", cursor=cursor, limit=limit)

    def sweep(
        self: Http,
        id: str,
        outcomes: Sequence[str] = (),
        cursor: str | None = None,
        limit: int = 100,
        plan: bool = False,
    ) -> Document:
        asked = {"outcome": list(outcomes) or None, "cursor": cursor, "limit": limit, "plan": "true" if plan else None}
        return self._get(f"/sweeps/{quote(id, safe='')}", **asked)

    def put_sweep(self: Http, id: str, said: Mapping[str, Any]) -> Document:
        return self._send("PUT", f"/sweeps/{quote(id, safe='')}", dict(said))

    def put_sweep_targets(self: Http, id: str, targets: Sequence[Mapping[str, Any]]) -> Document:
        rows = [{name: value for name, value in row.items() if value is not None} for row in targets]
        return self._send("POST", f"/sweeps/{quote(id, safe='')}/targets", {"targets": rows})
