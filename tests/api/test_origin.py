"""From which address a request comes."""

from __future__ import annotations

import pytest

from api.origin import origin, within


@pytest.mark.parametrize(
    ("connecting", "forwarded", "trusted", "expected"),
    [
        ("192.0.2.7", ["10.0.0.1"], [], "192.0.2.7"),
        ("192.0.2.7", ["10.0.0.1"], ["198.51.100.0/24"], "192.0.2.7"),
        ("198.51.100.1", ["10.0.0.1"], ["198.51.100.0/24"], "10.0.0.1"),
        ("198.51.100.1", ["203.0.113.9, 10.0.0.1", "198.51.100.2"], ["198.51.100.0/24"], "10.0.0.1"),
        ("198.51.100.1", ["evil, 10.0.0.1"], ["0.0.0.0/0"], "10.0.0.1"),
        ("198.51.100.1", ["nonsense"], ["198.51.100.0/24"], "198.51.100.1"),
        ("198.51.100.1", [], ["198.51.100.0/24"], "198.51.100.1"),
        ("::ffff:198.51.100.1", ["2001:db8::5"], ["198.51.100.0/24"], "2001:db8::5"),
        ("fe80::1%eth0", [], [], "fe80::1"),
        ("", ["10.0.0.1"], ["0.0.0.0/0"], ""),
    ],
)
def test_only_what_trusted_proxies_add_is_believed(
    connecting: str, forwarded: list[str], trusted: list[str], expected: str
) -> None:
    assert origin(connecting, forwarded, trusted) == expected


def test_a_long_chain_of_proxies_is_not_followed_for_ever() -> None:
    chain = [", ".join(["10.0.0.2"] * 10_000)]

    assert origin("10.0.0.1", ["192.0.2.1", *chain], ["10.0.0.0/8"]) == "10.0.0.2"


def test_an_address_is_within_a_network_of_its_own_kind() -> None:
    assert within("10.1.2.3", ["192.0.2.0/24", "10.0.0.0/8"])
    assert within("::ffff:10.1.2.3", ["10.0.0.0/8"])
    assert not within("10.1.2.3", ["2001:db8::/32"])
    assert not within("no address", ["0.0.0.0/0"])
