"""Imports; what they do to a store is proved on both stores (tests/cmdb/stores/conformance_imports.py)."""

from __future__ import annotations

from typing import Any

import pytest

from cmdb.edit import Words, edit
from cmdb.importing import Row, Wanted, take
from cmdb.model.errors import ConflictError, UsageError
from tests.cmdb.building import Reporter, receiver, system

HOST = {"class": "Host", "name": "new", "mark.system_serial": "Acme/X1/SN10000077", "owner": "ann"}


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"class": "Endpoint", "name": "x"}, "`ci set`"),
        ({"class": "ChangeRecord", "title": "x"}, "can be imported"),
        ({"class": "Nothing", "name": "x"}, "can be imported"),
        ({"name": "x"}, "--class"),
        ({**HOST, "lifecycle": "gone"}, "planned, ordered"),
        ({**HOST, "cpu_count": "many"}, "whole number"),
        ({**HOST, "domain": "a b"}, "routing domain"),
        ({"class": "Subnet", "owner": "ann"}, "needs prefix"),
        ({"class": "Subnet", "prefix": "nonsense"}, "is no network and length"),
        ({"class": "Subnet", "prefix": "10.0.0.5/8"}, "the network is 10.0.0.0/8"),
        ({"class": "IPAddress", "address": "web.example"}, "is no IP address"),
        ({**HOST, "mark.system_serial": "Acme/X1/" + "S" * 2000}, "at most 1024"),
        ({"class": "Host", "name": "web"}, "identifiers"),
        ({"class": "Host", "id": "nobody"}, "there is no Host"),
    ],
)
def test_a_row_that_can_not_be_applied_is_named_with_its_reason(cells: dict[str, Any], reason: str) -> None:
    with receiver() as one:
        found = take(one.store, [Row("line 2", cells)], Wanted("sheet"), "ann")

        assert (found["refused"], found["landed"], one.head()) == (1, False, 0)
        assert found["items"][0]["place"] == "line 2"
        assert reason in found["items"][0]["reason"]


@pytest.mark.parametrize(
    ("cells", "columns", "words"),
    [
        ({"colour": "red"}, {}, "--map 'colour=NAME'"),
        ({"uptime_seconds": "1"}, {}, "No attribute"),
        ({"a": "x", "owner": "y"}, {"a": "owner"}, "Two columns"),
        ({"owner": "x"}, {"b": "owner"}, "no column 'b'"),
    ],
)
def test_a_column_that_means_nothing_is_refused_whole(
    cells: dict[str, Any], columns: dict[str, str], words: str
) -> None:
    with receiver() as one, pytest.raises(UsageError, match=words):
        take(one.store, [Row("line 2", cells)], Wanted("sheet", "Host", columns), "ann")


def test_how_far_it_is_is_told() -> None:
    told: list[tuple[int, int]] = []
    with receiver() as one:
        take(one.store, [Row("1", HOST)] * 2, Wanted("s"), "ann", progress=lambda done, of: told.append((done, of)))

    assert told == [(1, 2), (2, 2)]


@pytest.mark.parametrize("source", ["", "x" * 201, "a\nb"])
def test_a_source_has_a_name(source: str) -> None:
    with receiver() as one, pytest.raises(UsageError, match="source"):
        take(one.store, [], Wanted(source), "ann")


@pytest.mark.parametrize("source", ["people", "agent:web"])
def test_a_file_can_not_speak_as_people_or_as_an_agent_and_so_end_what_these_say(source: str) -> None:
    with receiver() as one:
        one.take(Reporter("web").batch(system("web")))
        edit(one.store, "name:web", Words({"owner": "ann"}), "me", "asked")
        before = one.natural()
        with pytest.raises(UsageError, match="of its own"):
            take(one.store, [Row("1", HOST)], Wanted(source, complete=True), "ann")

        assert one.natural() == before
        assert one.one("name:web").attributes["owner"] == "ann"


def test_what_a_dry_run_showed_does_not_land_on_another_one_that_matches_by_now() -> None:
    rows = [Row("line 2", {"class": "Host", "owner": "ann", "location": "r1"})]
    with receiver() as one:
        for name in ("web", "db"):
            one.take(Reporter(name).batch(system(name)))
        edit(one.store, "name:web", Words({"owner": "ann"}), "me", "asked")
        shown = take(one.store, rows, Wanted("sheet", match=["owner"], dry_run=True), "ann")
        edit(one.store, "name:web", Words({}, ["owner"]), "me", "asked")
        edit(one.store, "name:db", Words({"owner": "ann"}), "me", "asked")

        assert shown["items"][0]["ci"] == one.one("name:web").id
        with pytest.raises(ConflictError, match="something has changed"):
            take(one.store, rows, Wanted("sheet", match=["owner"], expect=shown["digest"]), "ann")


def test_a_subnet_is_one_ci_with_what_is_said_of_it() -> None:
    with receiver() as one:
        take(
            one.store,
            [Row("2", {"prefix": "10.0.0.0/8", "owner": "ann", "domain": "lab"})],
            Wanted("s", "Subnet"),
            "ann",
        )
        take(
            one.store,
            [Row("2", {"prefix": "10.0.0.0/8", "owner": "bob", "domain": "lab"})],
            Wanted("s", "Subnet"),
            "ann",
        )

        found = one.one("class:Subnet")
        assert (found.key, found.attributes["owner"]) == ("lab/10.0.0.0/8", "bob")
        one.sound()


def test_every_spelling_of_a_network_is_the_same_subnet() -> None:
    with receiver() as one:
        first = take(one.store, [Row("2", {"prefix": "2001:DB8:0::/64", "owner": "ann"})], Wanted("s", "Subnet"), "ann")
        again = take(one.store, [Row("2", {"prefix": "2001:db8::/64", "owner": "ann"})], Wanted("s", "Subnet"), "ann")

        assert (first["created"], again["created"], again["unchanged"]) == (1, 0, 1)
        assert one.one("class:Subnet").attributes["prefix"] == "2001:db8::/64"


def test_a_row_that_names_a_ci_by_its_id_does_not_make_its_key_another() -> None:
    with receiver() as one:
        take(one.store, [Row("2", {"prefix": "10.0.0.0/8"})], Wanted("s", "Subnet"), "ann")
        id_ = one.one("class:Subnet").id
        moved = take(one.store, [Row("2", {"id": id_, "prefix": "10.0.0.0/9"})], Wanted("s", "Subnet"), "ann")
        same = take(
            one.store, [Row("2", {"id": id_, "prefix": "10.0.0.0/8", "owner": "ann"})], Wanted("s", "Subnet"), "ann"
        )

        assert "tells a Subnet apart" in moved["items"][0]["reason"]
        assert (same["updated"], one.one("class:Subnet").attributes["owner"]) == (1, "ann")
