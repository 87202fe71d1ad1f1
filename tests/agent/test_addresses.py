"""IP addresses in one writing."""

from __future__ import annotations

import pytest

from agent.addresses import address, is_local


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("2001:0DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_an_address_has_one_writing(text: str, expected: str) -> None:
    assert str(address(text)) == expected


@pytest.mark.parametrize("text", ["", "ntp.example.org", "10.0.0.1/24", "256.1.1.1"])
def test_what_is_no_address_is_none(text: str) -> None:
    assert address(text) is None


@pytest.mark.parametrize(
    ("text", "local"), [("127.0.0.53", True), ("fe80::1", True), ("::", True), ("10.0.0.1", False)]
)
def test_loopback_and_link_scope_are_local(text: str, local: bool) -> None:
    found = address(text)
    assert found is not None
    assert is_local(found) is local
