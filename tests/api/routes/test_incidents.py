"""Where records of incidents are; what they do is tested with their routes (tests/api/test_record_routes.py)."""

from __future__ import annotations

from tests.api.conftest import Api


def test_a_incident_is_found_where_it_was_put(api: Api) -> None:
    api("PUT", "/incidents/N1", json={"title": "one"})
    assert [r["key"] for r in api("GET", "/incidents").json["items"]] == ["local/N1"]
    assert api("GET", "/incidents/local/N1").json["kind"] == "incident"


def test_a_incident_that_there_is_not_is_not_found(api: Api) -> None:
    assert api("GET", "/incidents/N2").status_code == 404
