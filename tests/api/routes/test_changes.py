"""Where records of changes are; what they do is tested with their routes (tests/api/test_record_routes.py)."""

from __future__ import annotations

from tests.api.conftest import Api


def test_a_change_is_found_where_it_was_put(api: Api) -> None:
    api("PUT", "/changes/N1", json={"title": "one"})
    assert [r["key"] for r in api("GET", "/changes").json["items"]] == ["local/N1"]
    assert api("GET", "/changes/local/N1").json["kind"] == "change"


def test_a_change_that_there_is_not_is_not_found(api: Api) -> None:
    assert api("GET", "/changes/N2").status_code == 404
