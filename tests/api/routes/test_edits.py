"""Bulk edits over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from api.models_people import Edited
from tests.api.conftest import Api
from tests.baselines.site import Site

WANTED = {"q": "class:Host", "set": {"owner": "ann", "tags": ["pci"]}, "reason": "handed over"}


def test_an_edit_is_shown_and_then_done_as_shown(api: Api, site: Site) -> None:
    shown = Edited.model_validate(api("PATCH", "/cis", json={**WANTED, "dry_run": True}).json)
    done = Edited.model_validate(api("PATCH", "/cis", json={**WANTED, "expect": shown.digest}).json)

    assert (shown.revision, done.revision, done.items) == (None, site.head(), shown.items)
    assert site.item("web").attributes["tags"] == ["pci"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"q": ""}, 422),
        ({"reason": ""}, 422),
        ({"reason": " "}, 400),
        ({"set": {"owner": {"a": 1}}}, 422),
        ({"set": {"owner": 1.5}}, 422),
        ({"more": 1}, 422),
        ({"q": "name:nobody"}, 404),
        ({"set": {"os": "x"}}, 400),
        ({"set": {"o`] DETACH DELETE n //": "x"}}, 400),
        ({"expect": "0" * 64}, 409),
    ],
)
def test_an_edit_that_makes_no_sense_is_refused_whole(
    api: Api, site: Site, change: dict[str, Any], status: int
) -> None:
    before = site.head()

    assert api("PATCH", "/cis", json={**WANTED, **change}).status_code == status
    assert site.head() == before


def test_who_only_reads_may_not(api_as: Callable[..., Api], site: Site) -> None:
    assert api_as("reader")("PATCH", "/cis", json=WANTED).status_code == 403
    assert api_as("operator")("PATCH", "/cis", json=WANTED).status_code == 200
