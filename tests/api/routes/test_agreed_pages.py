"""Baselines, drift and records, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from baselines import baseline, records
from tests.api.ui.shop import SCRIPT, Shop, host, links_of, shop

HTML = {"Accept": "text/html"}


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as found:
        yield found


def test_without_a_baseline_the_command_that_makes_one_is_shown(estate: Shop) -> None:
    client = estate.signed_in()

    assert "baseline create" in client.get("/baselines").text
    assert "change add" in client.get("/records").text


def test_a_baseline_tells_its_state_and_its_drift(estate: Shop) -> None:
    frozen = baseline.create(estate.store, "first", "", "os:tester", clock=estate.clock)
    baseline.approve(estate.store, "first", frozen["digest"], "os:tester", "alone here", estate.clock)
    estate.report("db3", host("db3", version="17.0"))
    client = estate.signed_in()

    assert "self-approved" in client.get("/baselines").text
    assert frozen["digest"] in client.get("/baselines/first").text
    drift = client.get("/baselines/first/drift").text
    assert "<h1>1 deviation</h1>" in drift
    assert "17.0" in drift
    assert "not comparable" in drift
    assert "17.0" not in client.get("/baselines/first/drift?kind=not_comparable").text


def test_the_integrity_of_a_baseline_is_checked_on_demand(estate: Shop) -> None:
    baseline.create(estate.store, "first", "", "os:tester", clock=estate.clock)
    client = estate.signed_in()

    assert "Check every value" in client.get("/baselines/first").text
    assert "Every value is what was frozen." in client.get("/baselines/first?verify=1").text


def test_a_record_shows_what_it_names_and_pins(estate: Shop) -> None:
    query = "class:SoftwareInstance name:postgres"
    records.add(estate.store, "change", "CHG1", "os:tester", title=SCRIPT, cis=[query], clock=estate.clock)
    pinned = records.pin_impact(estate.store, "change", "CHG1", "os:tester", clock=estate.clock)
    client = estate.signed_in()
    html = client.get("/records/change/local/CHG1").text

    assert "/records/change/local/CHG1" in links_of(client.get("/records").text)
    assert pinned["pins"][0]["permalink"] in links_of(html)
    assert f"/ci/{estate.id(query)}/impact" in links_of(html)
    assert SCRIPT not in html
    assert "/records/change/local/CHG1" in links_of(client.get(f"/ci/{pinned['id']}").text)


def test_a_kind_of_record_that_there_is_not_is_not_found(estate: Shop) -> None:
    assert estate.signed_in().get("/records/wish/x", headers=HTML).status_code == 404
