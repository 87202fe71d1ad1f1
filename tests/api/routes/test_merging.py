"""Merges and splits over HTTP."""

from __future__ import annotations

import pytest

from api.models_conflicts import Merged, Split
from tests.api.conftest import Api
from tests.api.routes.test_conflicts import cloned
from tests.baselines.site import Site

__all__ = ["cloned"]


def test_two_become_one_and_two_again(api: Api, cloned: Site) -> None:
    one, two = cloned.id("one"), cloned.id("two")

    done = Merged.model_validate(api("POST", f"/cis/{one}/merge", json={"other": two, "reason": "one machine"}).json)
    assert (done.ci, done.merged) == (one, two)
    assert api("GET", f"/cis/{two}").json["id"] == one
    assert api("GET", f"/cis/{two}?at={done.revision - 1}").json["id"] == two
    kinds = [row["kind"] for row in api("GET", f"/cis/{two}/history").json["items"]]
    assert "merged" in kinds
    assert api("GET", "/conflicts").json["items"] == []

    back = Split.model_validate(api("POST", f"/cis/{two}/split", json={"reason": "two after all"}).json)
    assert (back.ci, back.split) == (one, two)
    assert api("GET", f"/cis/{two}").json["id"] == two


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("merge", {"other": "0" * 26, "reason": "x"}, 404),
        ("merge", {"other": "0" * 26}, 422),
        ("merge", {"other": "0" * 26, "reason": " "}, 404),
        ("split", {"reason": "x"}, 409),
        ("split", {"reason": "x", "sources": ["nobody"]}, 400),
        ("split", {"reason": ""}, 422),
    ],
)
def test_what_makes_no_sense_is_refused(api: Api, site: Site, path: str, body: object, status: int) -> None:
    assert api("POST", f"/cis/{site.id('web')}/{path}", json=body).status_code == status
