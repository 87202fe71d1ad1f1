"""Errors carry what the command line and the API need to tell of them."""

from __future__ import annotations

import pytest

from cmdb.model import errors
from cmdb.model.errors import InvalidDocument, SurveymarkError, UsageError


@pytest.mark.parametrize(
    ("name", "status", "http_status"),
    [
        ("UsageError", 2, 400),
        ("NotFoundError", 2, 404),
        ("ConflictError", 2, 409),
        ("ForbiddenError", 2, 403),
        ("HorizonError", 2, 410),
        ("InvalidDocument", 2, 422),
        ("StoreError", 4, 503),
        ("SurveymarkError", 4, 500),
    ],
)
def test_each_has_its_exit_status_and_http_status(name: str, status: int, http_status: int) -> None:
    error = getattr(errors, name)("why")

    assert (error.status, error.http_status, error.message, str(error)) == (status, http_status, "why", "why")
    assert isinstance(error, SurveymarkError)


def test_kinds_are_distinct() -> None:
    every = [c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, SurveymarkError)]

    assert len({c.kind for c in every}) == len(every)


def test_details_go_along() -> None:
    assert UsageError("why", name="x").details == {"name": "x"}


def test_an_invalid_document_names_the_place() -> None:
    error = InvalidDocument("why", "/0/id", section="os")

    assert error.path == "/0/id"
    assert error.details == {"path": "/0/id", "section": "os"}
