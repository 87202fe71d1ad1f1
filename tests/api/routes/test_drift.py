"""Drift over HTTP."""

from __future__ import annotations

import json

import pytest

from api.models import Drift, KeptDrift
from tests.api.conftest import Api
from tests.baselines.site import Site, packages


def test_drift_is_as_described_and_can_be_kept_for_good(api: Api, site: Site) -> None:
    api("POST", "/baselines", json={"name": "b", "scope": ""})
    site.report("web", packages("curl=2", "vim=1"))

    found = Drift.model_validate(api("GET", "/drift/b").json)
    kept = KeptDrift.model_validate(api("POST", "/drift/b", json={}).json)
    before = api("GET", f"/documents/{kept.document}").data
    site.report("web", packages("curl=3"))

    assert [(d.kind, d.attribute) for d in found.deviations] == [("changed", "versions")]
    assert api("GET", f"/documents/{kept.document}").data == before
    assert json.loads(before)["findings"] == 1
    assert api("GET", "/drift/b").json["findings"] == 2


@pytest.mark.parametrize(
    ("path", "status"),
    [("/drift/none", 404), ("/drift/b?at=9999", 400), ("/drift/b?at=1&against=b", 400), ("/drift/b?against=none", 404)],
)
def test_what_can_not_be_compared_is_refused(api: Api, path: str, status: int) -> None:
    api("POST", "/baselines", json={"name": "b", "scope": ""})
    assert api("GET", path).status_code == status


def test_keeping_needs_an_operator(api_as: object, api: Api) -> None:
    api("POST", "/baselines", json={"name": "b", "scope": ""})
    reader = api_as("reader")  # type: ignore[operator]
    assert reader("GET", "/drift/b").status_code == 200
    assert reader("POST", "/drift/b", json={}).status_code == 403
