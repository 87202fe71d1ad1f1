"""Problem documents."""

from __future__ import annotations

from api.problems import made, problem
from cmdb.model.errors import InvalidDocument, NotFoundError


def test_an_error_becomes_a_problem_document_with_its_details() -> None:
    assert problem(NotFoundError("There is no CI x.", id="x")) == {
        "id": "x",
        "type": "urn:surveymark:problem:not-found",
        "title": "Not Found",
        "status": 404,
        "detail": "There is no CI x.",
    }
    assert problem(InvalidDocument("no", "/0/a"))["path"] == "/0/a"


def test_details_never_replace_what_the_standard_names() -> None:
    assert made("usage", 400, "what", title="mine")["title"] == "Bad Request"
