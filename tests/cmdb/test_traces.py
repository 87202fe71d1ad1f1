"""What tells a value, and what only looks like it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb import traces
from cmdb.redacted import MARK
from cmdb.traces import LONG, Told, own_readings, receipts
from tests.cmdb.building import Receiver, Reporter, system
from tests.cmdb.stores.conformance_traces import sections

SECRET = "tok-3f9a17c2b7e64d55"


def test_an_attribute_tells_by_its_own_name_and_value_or_by_a_long_text_in_it() -> None:
    told = Told("os_version", [SECRET, "12", 7])
    assert told.by("os_version", "12")
    assert told.by("os_version", 7)
    assert told.by("why", f"because of {SECRET}.")
    assert told.by("temporary_addresses", ["a", SECRET])
    assert not told.by("why", "12")
    assert not told.by("port", 7)
    assert told.names({"why": SECRET, "note": "12", "os_version": 7}) == {"why", "os_version"}


def test_a_list_is_told_by_each_of_its_texts() -> None:
    told = Told("gateways", [["short", SECRET]])
    assert told.by("why", SECRET)
    assert told.blotted(f"short {SECRET}") == f"{MARK} {MARK}"


@pytest.mark.parametrize(
    ("words", "left"),
    [
        (f"{SECRET} differs", f"{MARK} differs"),
        (f"{SECRET[:17]}…", f"{MARK}…"),
        (f"x{SECRET}{SECRET}y", f"x{MARK}{MARK}y"),
        (SECRET[:10], SECRET[:10]),
    ],
)
def test_words_lose_a_long_value_also_where_it_was_cut_short(words: str, left: str) -> None:
    assert Told("os", [SECRET]).blotted(words) == left


def test_words_lose_a_short_value_only_as_a_word_of_its_own() -> None:
    told = Told("owner", ["Ann"])
    assert told.blotted("Ann said so, Annette did not: Ann.") == f"{MARK} said so, Annette did not: {MARK}."
    assert Told("os_version", ["12", ""]).blotted("12 of them") == "12 of them"


@given(st.text(min_size=LONG, max_size=40), st.text(max_size=10), st.text(max_size=10))
def test_no_long_value_is_left_however_it_is_written(value: str, before: str, after: str) -> None:
    told = Told("os", [value])
    for form in (value, json.dumps(value)[1:-1], repr(value)[1:-1]):
        left = told.blotted(before + form + after)
        assert MARK in left
        assert form not in left.replace(MARK, "\0" * 64)


def test_readings_of_a_ci_are_found_by_their_name(cmdb: Receiver) -> None:
    cmdb.take(Reporter("web").batch(*sections()))
    host = cmdb.one("class:Host")
    with cmdb.store.transaction() as tx:
        assert own_readings(tx, host, "process_count") == [7]
        assert own_readings(tx, host, "uptime_seconds") == []


def test_all_receipts_that_name_one_of_them_are_read(cmdb: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traces, "PAGE", 1)
    ids = [str(cmdb.take(Reporter(name).batch(system(name)))["ci"]) for name in ("a", "b", "c")]
    with cmdb.store.transaction() as tx:
        assert [number for number, _ in receipts(tx, [ids[0], "agent:c"])] == [1, 3]
        assert list(receipts(tx, ["agent:d"])) == []
