"""Links between ports derived behind a server's API: part of RemoteEstate."""

from __future__ import annotations

from typing import Any

from api.remote_conflicts import Http

Document = dict[str, Any]


class RemoteLinks:
    """Use cases of links."""

    def derive_links(self: Http, dry_run: bool = False) -> Document:
        return self._send("POST", "/links", {"dry_run": dry_run})

    def derive_links_of_what_came(self: Http) -> Document | None:
        """The server derives by itself what was handed in to it."""
        return None
