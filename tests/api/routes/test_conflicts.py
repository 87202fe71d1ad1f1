"""Conflicts over HTTP."""

from __future__ import annotations

import pytest

from api.models_conflicts import Conflict, Conflicts
from cmdb.ingest import Ingest
from cmdb.model.values import digest
from cmdb.taking import Sender
from tests.api.conftest import Api
from tests.baselines.site import Site
from tests.cmdb.building import Reporter, system


@pytest.fixture
def cloned(site: Site) -> Site:
    """Two machines that were started from one image."""
    ingest = Ingest(site.store, site.clock)
    for name in ("one", "two"):
        marks = {"machine_id": digest(name)[:32], "agent_key": name, "dmi_uuid": "4c4c4544-0051-3610-8052-b4c04f4a4e31"}
        ingest.submit(Reporter(name, marks=marks).batch(system(name)), Sender("agent"))
    return site


def test_conflicts_are_listed_and_shown_with_proposals(api: Api, cloned: Site) -> None:
    listed = Conflicts.model_validate(api("GET", "/conflicts").json)
    one = Conflict.model_validate(api("GET", "/conflicts/1").json)

    assert [row.number for row in listed.items] == [1]
    assert one.state == "open"
    assert {ci["name"] for ci in one.cis} == {"one", "two"}
    assert "keep-apart" in [p.name for p in one.proposals]


@pytest.fixture
def two(cloned: Site) -> Site:
    """And one that nothing identifies."""
    Ingest(cloned.store, cloned.clock).submit(
        Reporter("bare", marks={"fqdn": "bare"}).batch(system("bare")), Sender("a")
    )
    return cloned


def test_a_list_has_pages(api: Api, two: Site) -> None:
    first = api("GET", "/conflicts?limit=1").json
    second = api("GET", f"/conflicts?limit=1&cursor={first['next']}").json

    assert [c["number"] for page in (first, second) for c in page["items"]] == [1, 2]
    assert second["next"] is None
    assert api("GET", "/conflicts?cursor=x").status_code == 400
    assert api("GET", "/conflicts?limit=1001").status_code == 422


def test_as_of_a_revision_before_it_there_is_none(api: Api, cloned: Site) -> None:
    assert api("GET", "/conflicts?at=1").json["items"] == []
    assert api("GET", "/conflicts/1?at=1").status_code == 404


@pytest.mark.parametrize("path", ["/conflicts/2", "/conflicts/x", "/conflicts/%00"])
def test_a_conflict_that_there_is_not_is_not_found(api: Api, path: str) -> None:
    assert api("GET", path).status_code == 404


def test_conflicts_are_for_who_may_read(api: Api) -> None:
    api.token = "none"
    assert api("GET", "/conflicts").status_code == 401


def test_a_conflict_is_resolved_once(api: Api, cloned: Site) -> None:
    done = Conflict.model_validate(
        api("POST", "/conflicts/1/resolution", json={"as": "same", "reason": "one machine"}).json
    )

    assert done.state == "resolved"
    assert api("GET", "/cis?q=class:Host name:one").status_code == 200
    again = api("POST", "/conflicts/1/resolution", json={"as": "same", "reason": "one machine"})
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"as": "burn", "reason": "x"}, 400),
        ({"as": "same"}, 422),
        ({"reason": "x"}, 422),
        ({"as": "same", "reason": ""}, 422),
    ],
)
def test_a_resolution_that_makes_no_sense_is_refused(api: Api, cloned: Site, body: object, status: int) -> None:
    assert api("POST", "/conflicts/1/resolution", json=body).status_code == status
