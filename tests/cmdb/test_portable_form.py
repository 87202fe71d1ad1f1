"""What a record of a file must look like."""

from __future__ import annotations

from typing import Any

import pytest

from cmdb.portable import RECORDS
from cmdb.portable_form import MAX_NUMBER, Malformed, check, fits_of, raw
from cmdb.states import Claim, Item, Link, Scope


@pytest.mark.parametrize(
    ("record", "field", "value", "fits"),
    [
        (Item, "class_name", "Host", True),
        (Item, "class_name", "CI:Host", False),
        (Item, "class_name", ["Host"], False),
        (Item, "parent", None, True),
        (Item, "parent", 3, False),
        (Item, "since", MAX_NUMBER, True),
        (Item, "since", MAX_NUMBER + 1, False),
        (Item, "since", True, False),
        (Item, "since", 1.0, False),
        (Item, "ended", "retired", True),
        (Item, "ended", "lost", False),
        (Item, "attributes", {"a": 1, "b": True, "c": ["x"], "d": [1], "e": []}, True),
        (Item, "attributes", {"a": None}, False),
        (Item, "attributes", {"a": {"b": 1}}, False),
        (Item, "attributes", {"a": [1, "x"]}, False),
        (Item, "attributes", {"a": [True]}, False),
        (Item, "attributes", {"n.`x`": 1}, False),
        (Item, "identifiers", ["a", 1], False),
        (Link, "type", "RUNS_ON", True),
        (Link, "type", "RUNS_ON]->() DELETE n//", False),
        (Claim, "target", ["A", "RUNS_ON", "B"], True),
        (Claim, "target", ["A", "EATS", "B"], False),
        (Scope, "ever_full", 1, False),
        (Scope, "cost", [], False),
    ],
)
def test_a_value_fits_its_field_or_does_not(record: type, field: str, value: Any, fits: bool) -> None:
    assert fits_of(record)[field](value) is fits


def test_every_field_of_every_record_is_checked() -> None:
    nowhere = object()

    for record in RECORDS.values():
        assert [name for name, fits in fits_of(record).items() if fits(nowhere)] == []


def test_what_does_not_fit_is_named() -> None:
    with pytest.raises(Malformed, match="since of a ci can not be 'x'"):
        check("ci", fits_of(Item), {"id": "A", "since": "x"})


def test_bytes_are_base64_and_nothing_else() -> None:
    assert raw("AAH/") == b"\0\1\xff"
    with pytest.raises(Malformed, match="no base64"):
        raw("AA-_")
