"""Imports, on every store."""

from __future__ import annotations

from typing import Any

import pytest

from cmdb.attribute_register import declare
from cmdb.importing import Row, Wanted, take
from cmdb.model.errors import ConflictError, UsageError
from cmdb.model.times import SECOND
from cmdb.ports import Store
from tests.cmdb.building import START, Receiver
from tests.cmdb.stores.conformance_people import estate, say

NEW = {"name": "new", "mark.system_serial": "Acme/X1/SN10000077", "lifecycle": "ordered"}


def load(one: Receiver, *cells: dict[str, Any], **parts: Any) -> dict[str, Any]:
    rows = [Row(f"line {number}", row) for number, row in enumerate(cells, 2)]
    wanted = Wanted(**{"source": "sheet", "class_name": "Host", **parts})
    one.now += 100
    return take(one.store, rows, wanted, "os:ann", lambda: START + one.now * SECOND, one.random)


def outcomes(found: dict[str, Any]) -> tuple[int, ...]:
    return tuple(found[word] for word in ("created", "updated", "unchanged", "refused"))


class Imports:
    """Promises of imports."""

    def test_a_dry_run_shows_exactly_what_the_import_does(self, store: Store) -> None:
        one = estate(store)
        number = one.head()
        rows = ({"name": "web", "owner": "=cmd()", "tags": "pci,dmz"}, NEW, {"class": "Subnet", "prefix": "10.0.0.0/8"})

        shown = load(one, *rows, match=["name"], dry_run=True)
        assert (shown["landed"], one.head()) == (False, number)
        done = load(one, *rows, match=["name"], expect=shown["digest"])

        assert (done["items"], outcomes(done)) == (shown["items"], (2, 1, 0, 0))
        assert done["items"][0]["changes"] == [
            {"attribute": "owner", "before": None, "after": "=cmd()"},
            {"attribute": "tags", "before": None, "after": ["dmz", "pci"]},
        ]
        assert one.names("lifecycle:ordered") == ["new"]
        with pytest.raises(ConflictError, match="Look again"):
            load(one, *rows, match=["name"], expect=shown["digest"])
        one.sound()

    def test_the_same_file_again_makes_no_revision_and_what_it_no_longer_says_is_gone(self, store: Store) -> None:
        one = estate(store)
        load(one, {"name": "web", "owner": "ann", "location": "r1"}, NEW, match=["name"])
        number = one.head()

        again = load(one, {"name": "web", "owner": "ann", "location": "r1"}, NEW, match=["name"])
        assert (outcomes(again), again["revision"], one.head()) == ((0, 0, 2, 0), None, number)
        load(one, {"name": "web", "owner": "ann", "location": " "}, match=["name"])

        assert "location" not in one.one("name:web class:Host").attributes
        assert one.names("lifecycle:ordered") == ["new"]

    def test_one_bad_row_keeps_all_out_unless_the_good_ones_are_wanted(self, store: Store) -> None:
        one = estate(store)
        number = one.head()
        rows = (NEW, {"name": "nobody", "owner": "ann"}, {"name": "db", "owner": "ann"}, {"name": "db", "owner": "b"})

        found = load(one, *rows, match=["name"])
        assert (found["landed"], one.head()) == (False, number)
        assert [(i["place"], i["outcome"]) for i in found["items"][:2]] == [
            ("line 3", "refused"),
            ("line 5", "refused"),
        ]
        partly = load(one, *rows, match=["name"], partly=True)

        assert (partly["landed"], outcomes(partly)) == (True, (1, 1, 0, 2))
        assert one.one("name:db class:Host").attributes["owner"] == "ann"
        with store.view() as view:
            assert view.entries("conflict") == []

    def test_people_s_own_word_stands_and_discovery_s_too(self, store: Store) -> None:
        one = estate(store)
        say(one, "name:web class:Host", owner="ann")

        load(one, {"id": one.one("name:web class:Host").id, "owner": "bob", "os": "windows", "location": "r1"})

        attributes = one.one("name:web class:Host").attributes
        assert (attributes["owner"], attributes["os"], attributes["location"]) == ("ann", "debian", "r1")
        one.sound()

    def test_a_name_that_several_have_finds_none(self, store: Store) -> None:
        one = estate(store)
        load(one, NEW, {**NEW, "mark.system_serial": "Acme/X1/SN10000078"})

        found = load(one, {"name": "new", "owner": "ann"}, match=["name"], source="other")

        assert "there are several" in found["items"][0]["reason"]

    def test_own_attributes_come_by_any_column(self, store: Store) -> None:
        one = estate(store)
        declare(store, "Host", "cost_center", "integer", "", "os:ann", "needed", lambda: START, one.random)

        load(one, {"name": "web", "Cost Center": "42"}, match=["name"], columns={"Cost Center": "cost_center"})

        assert one.one("name:web class:Host").attributes["cost_center"] == 42

    def test_a_full_witness_ends_what_its_file_no_longer_has(self, store: Store) -> None:
        one = estate(store)
        web = {"name": "web", "owner": "ann"}
        load(one, web, NEW, match=["name"])

        shown = load(one, {"name": "db", "owner": "bob"}, match=["name"], complete=True, dry_run=True)
        assert {(i["place"], i["name"], i["outcome"]) for i in shown["items"]} == {
            ("line 2", "db", "updated"),
            ("not in the file", "web", "updated"),
            ("not in the file", "new", "retired"),
        }
        assert one.names("has:owner") == ["web"]
        load(one, {"name": "db", "owner": "bob"}, match=["name"], complete=True, expect=shown["digest"])

        assert one.names("has:owner") == ["db"]
        assert one.names("class:Host") == ["db", "web"]
        number = one.head()
        load(one, {"name": "db", "owner": "bob"}, match=["name"], complete=True)
        assert one.head() == number
        load(one, {"name": "db", "owner": "bob"}, web, match=["name"])
        load(one, NEW)
        assert one.names("class:Host") == ["db", "new", "web"]
        assert one.names("has:owner") == ["db", "web"]
        one.sound()

    def test_a_file_with_a_bad_row_is_no_full_witness(self, store: Store) -> None:
        one = estate(store)
        load(one, {"name": "web", "owner": "ann"}, match=["name"])

        found = load(one, {"name": "nobody", "owner": "x"}, match=["name"], complete=True)

        assert (found["landed"], found["retired"], found["refused"]) == (False, 0, 1)
        with pytest.raises(UsageError, match="do not go together"):
            load(one, {"name": "web", "owner": "ann"}, match=["name"], complete=True, partly=True)
