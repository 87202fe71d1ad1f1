"""Errors that cross a border of the core, each naming the thing, the value and the remedy.

The command line turns them into an exit status, the API into a problem document (RFC 9457).
"""

from __future__ import annotations

from typing import Any


class SurveymarkError(Exception):
    """Base of every error with a message meant for a person.

    `kind` is a short word for machines (the tail of a problem document's type), `status` the exit status of the
    command line, `http_status` that of the API, `details` further members of the problem document.
    """

    kind = "failed"
    status = 4
    http_status = 500

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details: dict[str, Any] = details


class UsageError(SurveymarkError):
    """Wrong usage or input: the caller has to ask differently."""

    kind = "usage"
    status = 2
    http_status = 400


class NotFoundError(UsageError):
    """An id or name that this store does not know."""

    kind = "not-found"
    http_status = 404


class ConflictError(UsageError):
    """The question or change does not fit the present state (a digest that moved on, a name that is taken)."""

    kind = "conflict"
    http_status = 409


class ForbiddenError(UsageError):
    """The caller is known but may not do this."""

    kind = "forbidden"
    http_status = 403


class HorizonError(UsageError):
    """A question about a time before the oldest revision that the store keeps."""

    kind = "before-horizon"
    http_status = 410


class InvalidDocument(UsageError):
    """Input that is not valid; `path` is a JSON pointer (RFC 6901) into it, `section` the section it stands in."""

    kind = "invalid"
    http_status = 422

    def __init__(self, message: str, path: str = "", **details: Any) -> None:
        super().__init__(message, path=path, **details)
        self.path = path


class StoreError(SurveymarkError):
    """The store cannot be opened, read or written; the message names the remedy."""

    kind = "store"
    http_status = 503
