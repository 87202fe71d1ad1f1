"""Makers by sysObjectID."""

from __future__ import annotations

import re

import pytest

from collector.snmp.sections import SECTIONS
from collector.snmp.table import columns
from collector.snmp.vendor import Family, _declared, families, own_of, told


def first(object_id: str, description: str) -> Family:
    return families(object_id, description)[0]


def test_the_longest_prefix_counts_and_then_what_the_device_says() -> None:
    cisco = "1.3.6.1.4.1.9.1.1208"

    assert first(cisco, "Cisco IOS Software, C2960X Software, Version 15.0(2a)EX5, RELEASE").os == "ios"
    assert (
        first(cisco, "Cisco IOS Software [Dublin], Catalyst L3 Switch Software (CAT9K_IOSXE), Version 17.12.4").os
        == "iosxe"
    )
    assert first(cisco, "something else").os == ""
    assert first("1.3.6.1.4.1.9.6.1.1006.24.5", "CBS350-24P-4X 24-Port").os == "ciscosb"


def test_a_number_that_only_begins_alike_is_another_makers() -> None:
    assert families("1.3.6.1.4.1.99", "") == []
    assert families("1.3.6.1.4.1.90.1", "") == []
    assert families(None, "Cisco IOS Software") == []


def test_the_first_pattern_that_finds_a_word_has_it() -> None:
    family = Family(
        "1", "A", says=(re.compile(r"v(?P<version>\d+)"), re.compile(r"(?P<product>X\d) w(?P<version>\d+)"))
    )

    found = told(family, "X1 w9 v7")

    assert (found.product, found.version, found.serial) == ("X1", "7", None)
    assert told(None, "X1").product is None


@pytest.mark.parametrize(
    ("object_id", "oids"), [("1.3.6.1.4.1.259.10.1.5", 1), ("1.3.6.1.4.1.259.10.1.5.9", 0), (None, 0)]
)
def test_a_table_below_the_products_number_is_asked_of_products_alone(object_id: str | None, oids: int) -> None:
    family = first("1.3.6.1.4.1.259.10.1.5", "ECS4610-24F")

    assert [table.oid for table in own_of(family, object_id)] == ["1.3.6.1.4.1.259.10.1.5.1.1.3.1"][:oids]


def test_no_two_declarations_of_one_table_have_other_columns() -> None:
    """A table is asked once, with the columns of who asks first."""
    declared: dict[str, set[tuple[str, ...]]] = {}
    for each in (*(own for family in _declared() for own in family.own), *(t for s in SECTIONS for t in s.TABLES)):
        declared.setdefault(each.oid, set()).add(tuple(columns(each)))

    assert {oid for oid, found in declared.items() if len(found) > 1} == set()
