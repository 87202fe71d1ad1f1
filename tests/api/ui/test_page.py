"""The frame of every page."""

from __future__ import annotations

import re

import pytest

from api.ui.page import _https
from tests.api.ui.shop import Shop, links_of


def test_links_stay_in_the_state_that_is_asked_about(estate: Shop) -> None:
    html = estate.signed_in().get("/search?q=class:Host&at=2").text

    assert "As of revision 2" in html
    inner = {link for link in links_of(html) if link.startswith("/ci/")}
    assert inner
    assert all(link.endswith("?at=2") for link in inner)


def test_the_way_back_to_the_present_keeps_the_question(estate: Shop) -> None:
    html = estate.signed_in().get("/search?q=class:Host&at=2").text

    assert "/search?q=class%3AHost" in links_of(html)


@pytest.mark.parametrize("name", ["_scheme", "_external", "_anchor", "_method", "endpoint", "self"])
def test_a_word_of_the_router_in_the_query_is_a_word_like_any_other(estate: Shop, name: str) -> None:
    answer = estate.signed_in().get(f"/search?q=class:Host&at=2&_external=1&{name}=javascript")

    assert answer.status_code == 200
    assert not [link for link in links_of(answer.text) if re.match(r"[a-z]+:|//", link)]


@pytest.mark.parametrize(
    "path", ["/revisions?before=x", "/revisions?before=99999999999999999999", "/?at=yesterday", "/?at=99999"]
)
def test_what_is_no_number_or_time_is_explained_with_its_status(estate: Shop, path: str) -> None:
    answer = estate.signed_in().get(path, headers={"Accept": "text/html"})

    assert answer.status_code == 400
    assert "<h1>Bad Request</h1>" in answer.text


def test_a_time_or_a_date_or_a_span_is_taken_as_well_as_a_revision(estate: Shop) -> None:
    client = estate.signed_in()

    for text in ("2025-10-09T08:56:00Z", "1h ago", "1"):
        assert "Back to the present" in client.get("/", query_string={"at": text}).text


def test_only_the_web_is_linked_to() -> None:
    assert _https("https://itsm.example/CHG1") == "https://itsm.example/CHG1"
    for address in ("javascript:alert(1)", " https://x", "data:text/html,x", "https://x\n", "//x"):
        assert _https(address) == ""
