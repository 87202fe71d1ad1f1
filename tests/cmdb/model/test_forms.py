"""One writing of each address and network."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.model.classes import CLASSES
from cmdb.model.forms import FORMS, address, network


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:DB8:0:0:0:0:0:7", "2001:db8::7"),
        ("2001:db8::1:0:0:0:1", "2001:db8:0:1::1"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::FFFF:c000:207", "192.0.2.7"),
    ],
)
def test_an_address_has_one_writing(written: str, kept: str) -> None:
    assert address(written) == kept


@pytest.mark.parametrize(
    "written", ["nonsense", "192.0.2", "192.0.2.256", "192.0.2.7/24", "010.0.0.1", "web", "1" * 4000]
)
def test_what_is_no_address_is_refused_shortly(written: str) -> None:
    with pytest.raises(ValueError, match=r"is no IP address, as in 192\.0\.2\.7") as told:
        address(written)
    assert len(str(told.value)) < 200


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("10.0.0.0/255.0.0.0", "10.0.0.0/8"),
        ("192.0.2.7/32", "192.0.2.7/32"),
        ("2001:DB8:0:0::/64", "2001:db8::/64"),
        ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
        ("::ffff:0:0/96", "0.0.0.0/0"),
        ("::/0", "::/0"),
    ],
)
def test_a_network_has_one_writing(written: str, kept: str) -> None:
    assert network(written) == kept


@pytest.mark.parametrize(
    "written", ["nonsense", "10.0.0.0", "10.0.0.0/", "/8", "10.0.0.0/33", "2001:db8::/129", "10.0.0.0/8/8"]
)
def test_what_is_no_network_with_its_length_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="is no network and length"):
        network(written)


def test_an_address_within_a_network_is_refused_with_the_network() -> None:
    with pytest.raises(ValueError, match=r"within a network; the network is 10\.0\.0\.0/8$"):
        network("10.0.0.5/8")


@pytest.mark.parametrize("form", [address, network])
def test_a_zone_is_refused(form: type) -> None:
    with pytest.raises(ValueError, match="zone"):
        form("fe80::1%eth0")


@given(st.ip_addresses(), st.integers(0, 32))
def test_a_writing_is_its_own_writing(ip: ipaddress.IPv4Address | ipaddress.IPv6Address, length: int) -> None:
    inside = network(str(ipaddress.ip_network(f"{ip}/{length}", strict=False)))

    assert address(address(str(ip))) == address(str(ip))
    assert network(inside) == inside


def test_every_form_that_is_declared_is_known() -> None:
    declared = {a.form for c in CLASSES.values() for a in c.attributes.values() if a.form}

    assert declared == set(FORMS)
