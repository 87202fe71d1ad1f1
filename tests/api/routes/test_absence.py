"""Retiring, restoring and freshness over HTTP."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from api.models_absence import Existence, Freshness
from cmdb.model.times import SECOND
from tests.api.conftest import Api
from tests.baselines.site import Site


def test_an_item_is_retired_and_brought_back(api: Api, site: Site) -> None:
    host = site.id("web")

    gone = Existence.model_validate(api("POST", f"/cis/{host}/retirement", json={"reason": "scrapped"}).json)
    shown = api("GET", f"/cis/{host}").json
    back = Existence.model_validate(api("POST", f"/cis/{host}/restoration", json={"reason": "by mistake"}).json)

    assert (gone.state, gone.revision, back.state, back.items) == ("retired", site.head() - 1, "current", gone.items)
    assert (shown["state"], shown["retired"]["witness"].partition(": ")[2]) == ("retired", "scrapped")


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/cis/{host}/retirement", {}, 422),
        ("/cis/{host}/retirement", {"reason": ""}, 422),
        ("/cis/{host}/retirement", {"reason": " "}, 400),
        ("/cis/NONE/retirement", {"reason": "x"}, 404),
        ("/cis/{host}/restoration", {"reason": "x"}, 409),
        ("/freshness", {"dry_run": "perhaps"}, 422),
    ],
)
def test_what_makes_no_sense_is_refused(api: Api, site: Site, path: str, body: dict[str, str], status: int) -> None:
    head = site.head()

    assert api("POST", path.format(host=site.id("web")), json=body).status_code == status
    assert site.head() == head


def test_who_only_reads_may_not(api_as: Callable[..., Api], site: Site) -> None:
    host = site.id("web")

    for path in (f"/cis/{host}/retirement", f"/cis/{host}/restoration"):
        assert api_as("reader")("POST", path, json={"reason": "x"}).status_code == 403
    assert api_as("operator")("POST", "/freshness", json={}).status_code == 403


def test_an_administrator_has_time_change_what_it_may(api: Api, site: Site) -> None:
    site.time += 8 * 86_400 * SECOND

    shown = Freshness.model_validate(api("POST", "/freshness", json={"dry_run": True}).json)
    done = Freshness.model_validate(api("POST", "/freshness", json={}).json)

    assert (shown.stale, shown.revisions, done.stale, done.revisions) == (1, [], 1, [site.head()])
    assert api("GET", f"/cis/{site.id('web')}").json["state"] == "stale"
