"""Conflicts on the page, as a browser sees and resolves them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cmdb.ingest import Ingest
from cmdb.model.values import digest
from cmdb.taking import Sender
from tests.api.ui.shop import Shop, empty_shop
from tests.cmdb.building import Reporter, system

NASTY = "<script>alert(1)</script>\"'>\u202e"
HTML = {"Accept": "text/html"}


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[Shop]:
    """Two machines of one image, and a subject with hostile marks in quarantine."""
    with empty_shop(tmp_path) as found:
        ingest = Ingest(found.store, lambda: 2 * 10**15)
        for name in ("one", "two"):
            marks = {
                "machine_id": digest(name)[:32],
                "agent_key": name,
                "dmi_uuid": "4c4c4544-0051-3610-8052-b4c04f4a4e31",
            }
            ingest.submit(Reporter(name, marks=marks).batch(system(name)), Sender("agent"))
        nobody = Reporter("x", source=NASTY, marks={"fqdn": NASTY, "macs": [NASTY]})
        ingest.submit(nobody.batch(system("x")), Sender("agent"))
        yield found


def token(html: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', html.split('<form class="words"')[1])
    assert found
    return found[1]


def test_open_conflicts_are_listed_with_their_proposals(estate: Shop) -> None:
    html = estate.signed_in("reader").get("/conflicts").text

    assert "keep-apart" in html
    assert 'href="/conflicts/2"' in html
    assert "<script>alert" not in html


def test_one_is_resolved_by_the_form(estate: Shop) -> None:
    client = estate.signed_in("operator")
    held = {"csrf_token": token(client.get("/conflicts/1").text), "as": "keep-apart", "reason": NASTY}

    done = client.post("/conflicts/1/resolution", data=held, headers=HTML)
    html = client.get("/conflicts/1").text

    assert (done.status_code, done.headers["Location"]) == (303, "/conflicts/1")
    assert "How it was resolved" in html
    assert "<script>alert" not in html
    assert 'href="/conflicts/1"' not in client.get("/conflicts").text
    assert 'href="/conflicts/1"' in client.get("/conflicts?all=1").text


def test_a_subject_is_assigned_by_the_id_that_is_typed(estate: Shop) -> None:
    client = estate.signed_in("operator")
    html = client.get("/conflicts/2").text
    held = {"csrf_token": token(html), "as": "assign:ID", "ci": estate.id("class:Host name:one"), "reason": "known"}

    assert "<script>alert" not in html
    assert client.post("/conflicts/2/resolution", data={**held, "ci": "x"}, headers=HTML).status_code == 400
    assert client.post("/conflicts/2/resolution", data=held, headers=HTML).status_code == 303


def test_only_who_may_operate_and_brings_the_session_s_token_resolves(estate: Shop) -> None:
    client = estate.signed_in("operator")
    data = {"as": "ignore", "reason": "x"}
    assert client.post("/conflicts/1/resolution", data=data, headers=HTML).status_code == 403
    reader = estate.signed_in("reader")
    html = reader.get("/conflicts/1").text
    assert '<form class="words"' not in html
    found = re.search(r'name="csrf_token" value="([^"]+)"', html)
    assert found
    data["csrf_token"] = found[1]
    assert reader.post("/conflicts/1/resolution", data=data, headers=HTML).status_code == 403


def test_a_page_of_a_conflict_that_there_is_not_is_not_found(estate: Shop) -> None:
    assert estate.signed_in("reader").get("/conflicts/99", headers=HTML).status_code == 404


def test_how_a_ci_is_identified_leads_to_its_conflict_and_says_what_counts_for_nobody(estate: Shop) -> None:
    html = estate.signed_in().get(f"/ci/{estate.id('class:Host name:one')}/identity").text

    assert 'href="/conflicts/1"' in html
    assert "no: several have it" in html
