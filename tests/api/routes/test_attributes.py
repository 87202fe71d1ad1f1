"""Own attributes and tags over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from api.models_people import OwnAttribute, OwnAttributes, RemovedAttribute, Tags
from tests.api.conftest import Api

WANTED = {"class": "Host", "name": "cost_center", "type": "integer", "text": "Who pays.", "reason": "needed"}


def test_an_attribute_is_declared_listed_set_and_removed(api: Api) -> None:
    made = api("POST", "/attributes", json=WANTED)
    OwnAttribute.model_validate(made.json)
    assert made.status_code == 201
    assert [a.name for a in OwnAttributes.model_validate(api("GET", "/attributes").json).items] == ["cost_center"]
    edit = {"q": "class:Host", "set": {"cost_center": 42}, "tag": ["pci"], "reason": "asked"}
    assert api("PATCH", "/cis", json=edit).json["changed"] == 1

    assert api("GET", "/cis?q=cost_center:42").json["items"][0]["attributes"]["cost_center"] == 42
    assert [(t.tag, t.count) for t in Tags.model_validate(api("GET", "/tags").json).items] == [("pci", 1)]
    ended = api("POST", "/attributes/Host/cost_center/removal", json={"reason": "unused"})
    assert RemovedAttribute.model_validate(ended.json).values == 1
    assert api("GET", "/attributes").json["items"] == []
    assert api("GET", f"/attributes?at={made.json['since']}").json["items"] == [made.json]
    assert api("GET", "/cis?q=cost_center:42").status_code == 400


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"name": "os"}, 400),
        ({"name": "a`) DELETE n //"}, 400),
        ({"class": "Nothing"}, 400),
        ({"type": "float"}, 422),
        ({"reason": ""}, 422),
        ({"more": 1}, 422),
    ],
)
def test_what_can_not_be_declared_is_refused(api: Api, change: dict[str, Any], status: int) -> None:
    assert api("POST", "/attributes", json={**WANTED, **change}).status_code == status
    assert api("GET", "/attributes").json["items"] == []


def test_declaring_it_twice_is_a_conflict_and_removing_what_is_not_there_is_not_found(api: Api) -> None:
    api("POST", "/attributes", json=WANTED)

    assert api("POST", "/attributes", json=WANTED).status_code == 409
    assert api("POST", "/attributes/Host/colour/removal", json={"reason": "x"}).status_code == 404


def test_only_an_administrator_declares(api_as: Callable[..., Api]) -> None:
    assert api_as("operator")("POST", "/attributes", json=WANTED).status_code == 403
    assert api_as("reader")("GET", "/attributes").status_code == 200
