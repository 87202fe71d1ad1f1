"""The physical map over HTTP."""

from __future__ import annotations

import pytest

from api.models_topology import Topology
from tests.api.conftest import Api
from tests.api.wired import wired
from tests.baselines.site import Site


def test_the_map_is_as_described_and_not_sent_twice(api: Api, site: Site) -> None:
    wired(site)

    first = api("GET", "/topology")

    found = Topology.model_validate(first.json)
    assert {n.name for n in found.nodes} >= {"spine01", "leaf02", "srv01-02", "web"}
    assert {k.proof for k in found.links} == {"confirmed", "inferred", "one-sided"}
    assert api("GET", "/topology", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_what_is_near_is_asked_by_id_or_query_and_bounded(api: Api, site: Site) -> None:
    wired(site)
    host = site.id("srv01-01")

    near = api("GET", f"/topology?ci={host}&depth=1").json
    devices = api("GET", "/topology?q=class:NetworkDevice+name:leaf*&depth=1&class=NetworkDevice").json

    assert {n["name"] for n in near["nodes"]} == {"srv01-01", "leaf01", "leaf02"}
    assert {n["name"] for n in devices["nodes"]} == {"leaf01", "leaf02", "spine01", "spine02"}
    assert not near["complete"]
    assert near["left_out"]["nodes"] == 3
    assert api("GET", "/topology?at=1").json["links"] == []


@pytest.mark.parametrize(
    ("question", "status"),
    [
        ("?ci=NONE", 404),
        ("?q=class:Host+name:nobody", 404),
        ("?q=class:", 400),
        ("?at=x", 400),
        ("?depth=-1", 422),
        ("?class=Endpoint", 422),
        ("?most=1", 422),
        ("?x=1", 422),
    ],
)
def test_what_can_not_be_answered_is_refused(api: Api, question: str, status: int) -> None:
    assert api("GET", f"/topology{question}").status_code == status
