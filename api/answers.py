"""What the API answers with: JSON with an ETag, problem documents, documents that never change."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from flask import Response, request

from api.problems import made, problem
from cmdb.model.errors import SurveymarkError

JSON = "application/json"
PROBLEM = "application/problem+json"


def answer(document: dict[str, Any], status: int = 200) -> Response:
    """A document as JSON; to a GET with an ETag of its revision and content, or 304 where the caller has it already.

    The revision alone would not do: readings and "seen at" change without one.
    """
    body = _json(document)
    response = Response(body, status, content_type=JSON)
    response.headers["Cache-Control"] = "private, no-cache"
    if request.method in ("GET", "HEAD") and status == 200:
        response.set_etag(f"{document.get('revision', '')}-{hashlib.sha256(body).hexdigest()[:32]}", weak=True)
        response.make_conditional(request)
    return response


def immutable(data: bytes, digest: str) -> Response:
    """A document that is found by its digest: the same bytes for good, so whoever has it need not ask again."""
    response = Response(data, content_type=JSON)
    response.set_etag(digest)
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    response.make_conditional(request)
    return response


def refused(error: SurveymarkError) -> Response:
    """The problem document of an error."""
    response = Response(_json(problem(error)), error.http_status, content_type=PROBLEM)
    response.headers["Cache-Control"] = "no-store"
    if error.http_status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="surveymark"'
    if hasattr(error, "date"):
        response.headers["Date"] = error.date
    if "retry_after" in error.details:
        response.headers["Retry-After"] = str(error.details["retry_after"])
    return response


def refused_by_http(status: int, detail: str, kind: str = "") -> Response:
    """The problem document of what the framework refuses (no such path, no such method, too large)."""
    kinds = {404: "not-found", 405: "method-not-allowed", 413: "too-large", 415: "unsupported-media-type"}
    return Response(_json(made(kind or kinds.get(status, "http"), status, detail)), status, content_type=PROBLEM)


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"
