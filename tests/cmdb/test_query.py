"""Questions to the graph, as of now and of any revision."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cmdb import query
from cmdb.model.errors import NotFoundError, UsageError
from cmdb.model.times import SECOND, iso
from cmdb.stores.sqlite_store import SqliteStore
from tests.baselines.site import Site, accounts, failed, network, packages, software, system


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Revision 1: a host; revision 2: vim is gone, curl another version."""
    store = SqliteStore.open(tmp_path / "site.db")
    site = Site(store)
    site.report("web", system("web"), packages("curl=1", "vim=1"), software(80), network("10.0.0.1"))
    site.report("web", system("web"), packages("curl=2"), software(80), network("10.0.0.1"))
    yield site
    store.close()


def test_find_answers_with_whole_documents_and_the_revision(site: Site) -> None:
    with site.store.view() as view:
        found = query.find(view, "class:SoftwarePackage")

    assert [ci["name"] for ci in found["items"]] == ["curl"]
    assert (found["total"], found["next"], found["revision"]) == (1, None, 2)
    ci = found["items"][0]
    assert {"id", "class", "name", "attributes", "readings", "identifiers", "since", "first_seen", "last_seen"} <= set(
        ci
    )
    assert (ci["state"], ci["attributes"]["versions"], ci["since"]) == ("current", ["2"], 2)
    assert [(s["section"], s["outcome"]) for s in ci["sections"]] == [("packages", "collected")]
    assert ci["first_seen"] < ci["last_seen"]


def test_find_as_of_a_revision_knows_only_what_was_known_then(site: Site) -> None:
    with site.store.view() as view:
        assert [ci["name"] for ci in query.find(view, "class:SoftwarePackage", at=1)["items"]] == ["curl", "vim"]
        nothing = query.find(view, "", at=0)

    assert (nothing["items"], nothing["revision"], nothing["as_of"]) == ([], 0, None)


def test_pages_follow_each_other_without_gap_or_overlap(site: Site) -> None:
    with site.store.view() as view:
        whole = [ci["id"] for ci in query.find(view, "")["items"]]
        pages, cursor = [], None
        while True:
            page = query.find(view, "", cursor=cursor, limit=2)
            pages += [ci["id"] for ci in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break

    assert pages == whole
    assert len(whole) > 4


def test_a_retired_ci_is_shown_as_it_was_last_with_its_witness(site: Site) -> None:
    with site.store.view() as view:
        vim = query.find(view, "name:vim", at=1)["items"][0]["id"]
        gone = query.show(view, vim)
        then = query.show(view, vim, at=1)

    assert (gone["state"], gone["retired"]["revision"]) == ("retired", 2)
    assert gone["retired"]["witness"] == "agent:web packages batch-2"
    assert gone["last_seen"] == gone["retired"]["not_before"] < gone["retired"]["not_after"]
    assert (then["state"], "retired" in then) == ("current", False)


def test_a_ci_is_not_there_before_it_was_known_and_an_unknown_one_never(site: Site) -> None:
    site.report("db", system("db"))
    late = site.id("db")
    with site.store.view() as view:
        with pytest.raises(NotFoundError, match="since revision 3"):
            query.show(view, late, at=1)
        with pytest.raises(NotFoundError, match="no configuration item 'X'"):
            query.show(view, "X")
        with pytest.raises(NotFoundError):
            query.neighbours(view, "X", at=1)


def test_an_address_has_the_last_sight_of_the_section_that_claims_it(site: Site) -> None:
    with site.store.view() as view:
        address = query.find(view, "class:IPAddress")["items"][0]
        interface = query.find(view, "class:NetworkInterface")["items"][0]

    assert address["last_seen"] == interface["last_seen"] is not None
    assert [s["section"] for s in address["sections"]] == ["network"]


def test_sections_say_what_failed_now_and_what_did_not_then(site: Site) -> None:
    site.report("web", failed(packages(), "dpkg is locked"))
    host = site.id("web")
    with site.store.view() as view:
        now = {s["section"]: s for s in query.show(view, host)["sections"]}
        then = {s["section"]: s for s in query.show(view, host, at=2)["sections"]}

    assert (now["packages"]["outcome"], now["packages"]["reason"]) == ("failed", "dpkg is locked")
    assert then["packages"]["outcome"] == "collected"


def test_history_has_a_row_an_attribute_with_its_interval(site: Site) -> None:
    curl = site.id("curl", "SoftwarePackage")
    with site.store.view() as view:
        rows = query.history(view, curl)["items"]
        first = query.history(view, curl, at=1)["items"]

    assert [(r["kind"], r["attribute"], r["before"], r["after"]) for r in rows] == [
        ("created", None, None, None),
        ("updated", "versions", ["1"], ["2"]),
    ]
    assert rows[1]["not_before"] < rows[1]["not_after"] <= rows[1]["committed_at"]
    assert (rows[1]["source"], rows[1]["actor"], rows[1]["cause"]) == ("agent:web", "agent", "discovery")
    assert first == rows[:1]


def test_history_tells_of_relations_and_comes_in_pages(site: Site) -> None:
    nginx = site.id("nginx", "SoftwareInstance")
    with site.store.view() as view:
        whole = query.history(view, nginx)
        first = query.history(view, nginx, limit=1)
        second = query.history(view, nginx, cursor=first["next"], limit=1)

    assert [(r["kind"], (r["relation"] or {}).get("type")) for r in whole["items"]] == [
        ("created", None),
        ("created", "EXPOSES"),
    ]
    assert first["items"] + second["items"] == whole["items"]
    assert (first["total"], second["next"]) == (2, None)


def test_neighbours_show_the_whole_the_parts_and_both_ends(site: Site) -> None:
    host, nginx = site.id("web"), site.id("nginx", "SoftwareInstance")
    with site.store.view() as view:
        near_host = query.neighbours(view, host)["items"]
        near_nginx = query.neighbours(view, nginx)["items"]

    runs_on = {"type": "RUNS_ON", "subject": nginx, "object": host, "attributes": {}, "since": 1}
    assert runs_on in [n["relation"] for n in near_host]
    assert [(n["relation"]["type"], n["ci"]["class"]) for n in near_nginx] == [
        ("EXPOSES", "Endpoint"),
        ("RUNS_ON", "Host"),
    ]
    assert {n["ci"]["class"] for n in near_host} == {
        "Endpoint",
        "NetworkInterface",
        "SoftwareInstance",
        "SoftwarePackage",
    }


def test_many_neighbours_come_in_pages_and_none_is_lost(site: Site) -> None:
    site.report("web", accounts(*(f"user{n}" for n in range(25))))
    host = site.id("web")
    names, cursor = [], None
    with site.store.view() as view:
        total = query.neighbours(view, host)["total"]
        while True:
            page = query.neighbours(view, host, cursor=cursor, limit=7)
            names += [n["ci"]["id"] for n in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break

    assert len(names) == len(set(names)) == total
    assert total == 29


def test_a_retired_ci_has_no_neighbours_but_had_some(site: Site) -> None:
    with site.store.view() as view:
        vim = query.find(view, "name:vim", at=1)["items"][0]["id"]
        assert query.neighbours(view, vim)["items"] == []
        assert [n["ci"]["name"] for n in query.neighbours(view, vim, at=1)["items"]] == ["web"]


@pytest.mark.parametrize("text", [None, "", " ", "2", "2099-01-01"])
def test_now_is_no_revision_of_its_own(site: Site, text: str | None) -> None:
    with site.store.view() as view:
        reference = site.time if text != "2099-01-01" else 4_070_952_000 * SECOND
        assert query.as_of(view, text, reference) is None


def test_a_time_means_the_last_revision_by_then(site: Site) -> None:
    with site.store.view() as view:
        first = view.revision(1)
        assert first is not None
        assert query.as_of(view, iso(first.committed_at), site.time) == 1
        assert query.as_of(view, "1", site.time) == 1
        assert query.as_of(view, "2h ago", site.time) == 0
        assert query.as_of(view, "2020-02-29", site.time) == 0


def test_todays_date_means_now_and_tomorrow_is_an_error(site: Site) -> None:
    with site.store.view() as view:
        assert query.as_of(view, iso(site.time)[:10], site.time) is None
        with pytest.raises(UsageError, match="future"):
            query.as_of(view, iso(site.time + 86_400 * SECOND)[:10], site.time)
        with pytest.raises(UsageError, match="newest is 2"):
            query.as_of(view, "3", site.time)
        with pytest.raises(UsageError, match="is no time"):
            query.as_of(view, "yesterday", site.time)


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_a_page_of_an_impossible_size_is_refused(site: Site, limit: int) -> None:
    with site.store.view() as view, pytest.raises(UsageError, match="1 to 1000"):
        query.find(view, "", limit=limit)


@pytest.mark.parametrize("cursor", ["!", "bm9wZQ", "é", "LTU"])
def test_a_cursor_of_nobody_is_refused(site: Site, cursor: str) -> None:
    with site.store.view() as view:
        with pytest.raises(UsageError, match="no cursor"):
            query.history(view, site.id("web"), cursor=cursor)
        with pytest.raises(UsageError, match="no cursor"):
            query.neighbours(view, site.id("web"), cursor=cursor)
