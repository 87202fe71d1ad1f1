"""Redaction behind a server's API: part of RemoteEstate."""

from __future__ import annotations

from typing import Any

from api.remote_conflicts import Http

Document = dict[str, Any]


class RemoteRedaction:
    """Use cases of redaction."""

    def redact(self: Http, id: str, attribute: str, reason: str) -> Document:
        return self._send("POST", "/redactions", {"ci": id, "attribute": attribute, "reason": reason})

    def lift_redaction(self: Http, id: str, attribute: str, reason: str) -> Document:
        return self._send("POST", "/redactions/lift", {"ci": id, "attribute": attribute, "reason": reason})
