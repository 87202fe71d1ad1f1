"""Retention and legal holds over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from api.models_retention import Freed, Hold, Holds, Released, Retention
from tests.api.conftest import Api
from tests.baselines.site import Site


def test_an_age_is_set_and_run(api: Api, site: Site) -> None:
    body = {"days": 30, "class": "Host", "reason": "policy"}
    told = Retention.model_validate(api("POST", "/retention", json=body).json)
    assert [(age.class_name, age.days) for age in told.ages] == [("Host", 30)]
    assert Retention.model_validate(api("GET", "/retention").json) == told
    assert Freed.model_validate(api("POST", "/retention/runs", json={"dry_run": True}).json).dry_run
    assert Freed.model_validate(api("POST", "/retention/runs", json={}).json).states == 0


def test_a_hold_is_set_and_released(api: Api, site: Site) -> None:
    made = api("POST", "/holds", json={"name": "case 7", "scope": "class:Host", "reason": "a lawsuit"})
    assert (made.status_code, Hold.model_validate(made.json).name) == (201, "case 7")
    (held,) = Holds.model_validate(api("GET", "/holds").json).items
    assert held.scope == "class:Host"


def test_a_release_names_its_revision(api: Api, site: Site) -> None:
    api("POST", "/holds", json={"name": "case 7", "scope": "", "reason": "a lawsuit"})
    done = Released.model_validate(api("POST", "/holds/case 7/release", json={"reason": "settled"}).json)
    assert done.released == site.head()


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/retention", {"days": 0, "reason": "policy"}, 422),
        ("/retention", {"days": 30, "reason": ""}, 422),
        ("/retention", {"days": 30, "class": "Toaster", "reason": "policy"}, 400),
        ("/retention", {"days": None, "reason": "policy"}, 404),
        ("/retention/runs", {"dry_run": "perhaps"}, 422),
        ("/holds", {"name": "x", "scope": "class:Toaster", "reason": "r"}, 400),
        ("/holds", {"name": "", "scope": "", "reason": "r"}, 422),
        ("/holds/none/release", {"reason": "r"}, 404),
    ],
)
def test_what_makes_no_sense_is_refused(api: Api, site: Site, path: str, body: dict[str, Any], status: int) -> None:
    head = site.head()

    assert api("POST", path, json=body).status_code == status
    assert site.head() == head
