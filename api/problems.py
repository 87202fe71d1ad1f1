"""Problem documents (RFC 9457), for the API and for `--json` alike. Runs on Python 3.9."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from cmdb.model.errors import SurveymarkError

TYPE = "urn:surveymark:problem:"
"""What a problem's type begins with; the rest is a short word that never changes its meaning."""


def problem(error: SurveymarkError) -> dict[str, Any]:
    """The problem document of an error that is meant for a person."""
    return made(error.kind, error.http_status, error.message, **error.details)


def made(kind: str, status: int, detail: str, **details: Any) -> dict[str, Any]:
    """A problem document; details never replace the members that the standard has."""
    return {
        **details,
        "type": TYPE + kind,
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
