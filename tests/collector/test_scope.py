"""Where a credential may be used."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.scope import Scope, is_name, is_zone, network
from collector.target import Target


def target(address: str, zone: str = "default", name: str = "") -> Target:
    return Target(name=name or address, address=address, zone=zone)


def scope(*ranges: str, zones: tuple[str, ...] = ("default",), names: tuple[str, ...] = ()) -> Scope:
    return Scope(zones, tuple(network(r) for r in ranges), names)


@pytest.mark.parametrize(
    ("made", "address", "covered"),
    [
        (scope("10.1.0.0/16"), "10.1.255.255", True),
        (scope("10.1.0.0/16"), "10.2.0.0", False),
        (scope("10.1.0.0/16"), "::ffff:10.1.0.1", True),
        (scope("::ffff:10.1.0.0/112"), "10.1.0.1", True),
        (scope("fd00:1::/32"), "fd00:1::5", True),
        (scope("fd00:1::/32"), "10.1.0.1", False),
        (scope("fe80::/10"), "fe80::1%eth0", True),
        (scope("10.0.0.1"), "10.0.0.1", True),
        (scope("10.0.0.0/8"), "bastion.example.org", False),
        (scope(names=("*.example.org",)), "bastion.EXAMPLE.org", True),
        (scope(names=("*.example.org",)), "example.org", False),
        (scope(names=("*.example.org",)), "badexample.org", False),
        (scope(names=("a.example.org",)), "a.example.org.", True),
        (scope(), "anything.at.all", True),
    ],
)
def test_a_target_is_covered_by_range_or_name(made: Scope, address: str, covered: bool) -> None:
    assert made.covers(target(address)) is covered
    assert not made.covers(target(address, zone="elsewhere"))


def test_the_name_of_a_target_counts_beside_its_address() -> None:
    assert scope(names=("web1",)).covers(target("10.0.0.1", name="web1"))


@pytest.mark.parametrize(
    ("made", "address", "named"),
    [
        (scope("10.0.0.0/8"), "10.1.1.1", True),
        (scope("10.0.0.0/7"), "10.1.1.1", False),
        (scope("0.0.0.0/0"), "10.1.1.1", False),
        (scope("0.0.0.0/0", "10.1.1.0/24"), "10.1.1.1", True),
        (scope("0.0.0.0/0", "10.1.1.0/24"), "10.1.2.1", False),
        (scope("::/0"), "fd00::1", False),
        (scope("fd00::/8"), "fd00::1", True),
        (scope(), "10.1.1.1", False),
        (scope(names=("10host",)), "10host", False),
        (scope("10.0.0.0/8", zones=("branch",)), "10.1.1.1", False),
    ],
)
def test_only_a_range_of_a_8_or_narrower_that_holds_the_address_names_it(
    made: Scope, address: str, named: bool
) -> None:
    assert made.names_range(target(address)) is named


@given(st.ip_addresses(), st.integers(0, 128), st.ip_addresses())
def test_a_range_covers_what_arithmetic_says(base: object, prefix: int, other: object) -> None:
    first, second = ipaddress.ip_address(str(base)), ipaddress.ip_address(str(other))
    bits = first.max_prefixlen
    prefix = min(prefix, bits)
    made = ipaddress.ip_network((int(first) >> (bits - prefix) << (bits - prefix), prefix))
    if first.version != made.version or getattr(first, "ipv4_mapped", None) or getattr(second, "ipv4_mapped", None):
        return
    inside = second.version == made.version and int(second) >> (bits - prefix) == int(first) >> (bits - prefix)

    assert Scope(("default",), (network(str(made)),)).covers(target(str(second))) is inside
    assert Scope(("default",), (network(str(made)),)).covers(target(str(first)))


def test_names_and_zones_have_a_form() -> None:
    assert is_name("a.example.org")
    assert is_name("*.example.org")
    assert not any(is_name(text) for text in ("", "*", "*.", "a*", "10.0.0.1", "::1", "a b", "-a", "a\n"))
    assert is_zone("branch-1")
    assert not any(is_zone(text) for text in ("", "a b", "-a", "a\n", "x" * 70))
