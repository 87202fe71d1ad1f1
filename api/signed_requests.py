"""Requests that an agent signed (RFC 9421, agent/signature.py): whose they are, and that their content is what was signed.

The signature is verified before any content is read. Content of requests other than batches is short and compared at once; a
batch is compared while it is unpacked.
"""

from __future__ import annotations

import hmac
from email.utils import formatdate
from typing import Any
from urllib.parse import urlsplit

from flask import Request, g

from agent.signature import SignatureRefused, Signed, content_digest, fields_of, parse
from api.agent_keys import AgentKeys
from api.caller import Caller
from cmdb.model.errors import UsageError
from cmdb.model.times import SECOND

BATCHES = "/api/v1/batches"
_DIGEST = "surveymark_content_digest"
_CREATED = "surveymark_signed_at"


class NotSigned(UsageError):
    """A request whose signature does not hold. `kind` is why: clock, coverage, digest, malformed, signature, unsigned."""

    http_status = 401

    def __init__(self, why: str, message: str, time: int) -> None:
        super().__init__(message)
        self.kind = why
        self.date = formatdate(time // SECOND, usegmt=True)
        """The server's time, from which an agent whose clock is wrong takes its offset."""


def is_signed(request: Request) -> bool:
    return "Signature-Input" in request.headers


def caller(keys: AgentKeys, request: Request, time: int) -> Caller:
    """The agent that signed the request. Raises NotSigned, and what AgentKeys.authenticated does."""
    fields = fields_of(request.headers.items())
    size = request.content_length
    has_content = bool(size) or "Transfer-Encoding" in request.headers
    try:
        if has_content and not size:
            raise SignatureRefused("malformed", "Content that is signed is sent with its length.")
        signed = Signed(request.method, _target(request.environ), fields, None if has_content else b"")
        signature = parse(fields)
        found = keys.authenticated(signed, signature, size or 0, request.headers.get("User-Agent", ""))
    except SignatureRefused as error:
        raise NotSigned(error.why, str(error), time) from None
    setattr(g, _CREATED, signature.created)
    if has_content:
        setattr(g, _DIGEST, (fields.get("content-digest", ""), time))
        if request.path != BATCHES:
            check_content(content_digest(request.get_data(cache=True)))
    return found


def signed_at() -> int | None:
    """When the present request was signed by its sender's clock, microseconds; None for one that is not signed."""
    created: int | None = getattr(g, _CREATED, None)
    return created * SECOND if created is not None else None


def check_content(digest: str) -> None:
    """To be called with the Content-Digest of what came; does nothing for a request that is not signed. Raises NotSigned."""
    expected, time = getattr(g, _DIGEST, (None, 0))
    if expected is not None and not hmac.compare_digest(expected.encode(), digest.encode()):
        raise NotSigned("digest", "The content is not what was signed.", time)


def _target(environ: dict[str, Any]) -> str:
    """What the request line says: its path and query, as they came."""
    said = str(environ.get("REQUEST_URI") or environ.get("RAW_URI") or "")
    if not said.startswith("/"):  # the absolute form (RFC 9112 section 3.2.2)
        parts = urlsplit(said)
        said = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return said
