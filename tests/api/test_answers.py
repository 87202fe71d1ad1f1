"""What the API answers with."""

from __future__ import annotations

from flask_openapi3.openapi import OpenAPI

from api.answers import answer, immutable, refused, refused_by_http
from api.auth import TooMany
from cmdb.model.errors import NotFoundError


def test_an_answer_to_a_get_has_a_tag_of_revision_and_content(app: OpenAPI) -> None:
    with app.test_request_context("/"):
        first, same, other = (
            answer({"revision": 3, "a": 1}),
            answer({"revision": 3, "a": 1}),
            answer({"revision": 3, "a": 2}),
        )
    assert first.headers["ETag"].startswith('W/"3-')
    assert first.headers["ETag"] == same.headers["ETag"] != other.headers["ETag"]
    assert first.headers["Cache-Control"] == "private, no-cache"


def test_an_answer_to_anything_else_has_none(app: OpenAPI) -> None:
    with app.test_request_context("/", method="POST"):
        assert "ETag" not in answer({}, 201).headers


def test_text_that_is_no_unicode_does_not_break_an_answer(app: OpenAPI) -> None:
    with app.test_request_context("/"):
        assert answer({"a": "\ud800"}).get_json() == {"a": "?"}


def test_a_document_is_for_good(app: OpenAPI) -> None:
    with app.test_request_context("/", headers={"If-None-Match": '"abc"'}):
        assert immutable(b"{}", "abc").status_code == 304
    with app.test_request_context("/"):
        assert "immutable" in immutable(b"{}", "abc").headers["Cache-Control"]


def test_refusals_are_never_cached_and_say_when_to_come_again() -> None:
    response = refused(TooMany(7))
    assert (response.status_code, response.headers["Retry-After"], response.headers["Cache-Control"]) == (
        429,
        "7",
        "no-store",
    )
    assert refused(NotFoundError("x")).content_type == "application/problem+json"
    assert refused_by_http(418, "tea").get_json()["type"] == "urn:surveymark:problem:http"
