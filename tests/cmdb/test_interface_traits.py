"""What interfaces say of each other, as rows of numbers."""

from __future__ import annotations

import numpy as np
import pytest

from cmdb.interface_traits import BOND, LOWER, MASTER, MOST, MOST_LOWER, NAME, SUBNET, of_kind, ordered, rows, traits
from cmdb.model.values import Value
from cmdb.states import Item


def interface(**attributes: Value) -> Item:
    return Item("I" * 26, "NetworkInterface", "H" * 26, "eth0", "eth0", attributes, b"", b"", 1, 1)


def told(**attributes: Value) -> dict[int, int]:
    return {kind: sum(1 for _, each, _ in traits(interface(**attributes)) if each == kind) for kind in range(5)}


def test_every_interface_has_a_name_and_what_it_says_of_others() -> None:
    assert told() == {NAME: 1, MASTER: 0, LOWER: 0, BOND: 0, SUBNET: 0}
    assert told(kind="bond", lower=["a", "b"], master="br0", addresses=["10.0.0.1/24"]) == {
        NAME: 1,
        MASTER: 1,
        LOWER: 2,
        BOND: 1,
        SUBNET: 1,
    }
    assert told(kind="bridge")[BOND] == 0


def test_of_lists_without_end_only_the_first_count() -> None:
    many = told(
        lower=[f"eth{n}" for n in range(MOST + 9)], addresses=[f"10.{n >> 8}.{n & 255}.1/24" for n in range(5000)]
    )

    assert (many[LOWER], many[SUBNET]) == (MOST_LOWER, MOST)
    assert (MOST_LOWER, MOST) == (64, 1_000)


def test_another_class_says_nothing() -> None:
    assert list(traits(Item("I" * 26, "Host", None, "h", "h", {"master": "x"}, b"", b"", 1, 1))) == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("10.0.0.1/24", "10.0.0.200/24", True),
        ("10.0.0.1/24", "10.0.0.200/25", False),
        ("10.0.0.1/24", "10.0.1.1/24", False),
        ("2001:db8::1/64", "2001:db8::ffff/64", True),
        ("2001:db8:0:1::1/64", "2001:db8::1/64", False),
        ("10.0.0.1/31", "10.0.0.0/31", True),
    ],
)
def test_addresses_of_one_subnet_are_told_alike(one: str, other: str, same: bool) -> None:
    found = [[v for _, kind, v in traits(interface(addresses=[a])) if kind == SUBNET] for a in (one, other)]

    assert (found[0] == found[1]) is same


@pytest.mark.parametrize(
    "address",
    [
        "fe80::1/64",
        "febf::1/64",
        "169.254.0.1/16",
        "10.0.0.1/32",
        "2001:db8::1/128",
        "10.0.0.1/0",
        "10.0.0.1/33",
        "x/8",
        "10.0.0.1",
        "",
        "10.0.0.1/-1",
        "10.0.0.1\x00/8",
        "1.2.3/8",
    ],
)
def test_what_names_no_subnet_is_left_out(address: str) -> None:
    assert told(addresses=[address])[SUBNET] == 0


def test_rows_stand_in_order_once_and_only_of_nodes() -> None:
    found = rows(np.array([3, 1, -1, 1], np.int32), [("a", 1, 5), ("b", 0, 7), ("c", 0, 9), ("b", 0, 7)])

    assert found.tolist() == [[8, 7], [25, 5]]
    assert [each.tolist() for each in of_kind(found, 1)] == [[3], [5]]
    assert ordered(found[::-1]).tolist() == found.tolist()
    assert rows(np.zeros(0, np.int32), []).shape == (0, 2)
