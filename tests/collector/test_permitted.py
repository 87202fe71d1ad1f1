"""Where a sweep may go."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.model.errors import UsageError
from collector import permitted
from collector.permitted import Excluded, Permitted
from collector.spans import Span, span_of
from collector.targets import parse


def span(text: str) -> Span:
    found = parse(text).span
    assert found is not None
    return found


@pytest.mark.parametrize(
    "address",
    ["10.1.2.3", "172.31.0.1", "192.168.0.1", "127.0.0.1", "169.254.0.1", "::1", "fd00::1", "fe80::1%eth0"],
)
def test_what_is_nobodys_on_the_internet_is_permitted(address: str) -> None:
    assert Permitted().has(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["9.255.255.255", "11.0.0.0", "172.32.0.1", "100.64.0.1", "192.0.2.1", "2001:db8::1", "64:ff9b::a00:1"]
)
def test_anything_public_is_not_permitted(address: str) -> None:
    assert not Permitted().has(ipaddress.ip_address(address))
    assert Permitted(permit=[address]).has(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["0.0.0.0", "224.0.0.1", "255.255.255.255", "::", "ff02::1"])
def test_what_is_no_single_hosts_address_is_never_permitted(address: str) -> None:
    everywhere = Permitted(permit=["0.0.0.0/0", "::/0", address])

    assert not everywhere.has(ipaddress.ip_address(address))
    assert everywhere.split(span_of(ipaddress.ip_address(address))) == ([], 1)


def test_settings_stand_in_place_of_the_defaults_and_permit_is_added_to_them() -> None:
    narrow = Permitted(["10.0.0.0/24"], ["192.0.2.0/28"])

    assert narrow.has(ipaddress.ip_address("10.0.0.255"))
    assert narrow.has(ipaddress.ip_address("192.0.2.15"))
    assert not narrow.has(ipaddress.ip_address("10.0.1.0"))
    assert not Permitted([]).has(ipaddress.ip_address("127.0.0.1"))


def test_a_network_that_is_permitted_in_part_is_swept_in_part() -> None:
    parts, refused = Permitted(["10.0.0.0/25", "10.0.0.200"]).split(span("10.0.0.0/24"))

    assert [str(part) for part in parts] == ["10.0.0.1-10.0.0.127", "10.0.0.200"]
    assert refused == 254 - 127 - 1


def test_names_are_permitted_by_name_alone() -> None:
    assert not Permitted(permit=["0.0.0.0/0"]).has_name("db.internal")
    assert Permitted(permit=["*.internal"]).has_name("db.internal")


@pytest.mark.parametrize("text", ["!10.0.0.0/8", "10.0.0.0/40", "root@10.0.0.1", "10.0.0.1:22"])
def test_a_range_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        Permitted(permit=[text])


def test_exclusions_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permitted, "MOST_EXPRESSIONS", 2)
    with pytest.raises(UsageError, match="3 exclusions"):
        Excluded([parse("!10.0.0.1")] * 3)


def test_exclusions_are_addresses_names_and_patterns() -> None:
    out = Excluded([parse("!10.0.0.0/30"), parse("!web"), parse("!db-*")], [span_of(ipaddress.ip_address("10.9.9.9"))])

    assert [out.has(ipaddress.ip_address(a)) for a in ("10.0.0.0", "10.0.0.4", "10.9.9.9")] == [True, False, True]
    assert [out.has_name(name) for name in ("WEB.", "web2", "db-7", "db")] == [True, False, True, False]
    assert out.split(span("10.0.0.0-5")) == ([span("10.0.0.4-5")], 4)


@given(
    st.lists(st.tuples(st.integers(0, 255), st.integers(24, 32)), max_size=5), st.integers(0, 255), st.integers(24, 32)
)
def test_no_address_of_a_permitted_part_is_outside_of_the_ranges(
    ranges: list[tuple[int, int]], host: int, bits: int
) -> None:
    written = [f"192.0.2.{last}/{length}" for last, length in ranges]
    nets = [ipaddress.ip_network(one, strict=False) for one in written]

    parts, refused = Permitted(written).split(span(f"192.0.2.{host}/{bits}"))

    kept = [ipaddress.ip_address(address) for part in parts for address in part.addresses()]
    assert all(any(address in net for net in nets) for address in kept)
    assert len(kept) + refused == parse(f"192.0.2.{host}/{bits}").count
