"""Values by textual convention."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.snmp import syntax
from collector.snmp.syntax import Value

VALUES: st.SearchStrategy[Value] = st.one_of(st.none(), st.integers(), st.binary(max_size=40), st.text(max_size=40))


@pytest.mark.parametrize("name", ["text", "number", "octets", "oid", "mac", "address", "truth", "bits"])
@given(value=VALUES)
def test_no_value_breaks_a_reader(name: str, value: Value) -> None:
    getattr(syntax, name)(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"eth0", "eth0"),
        (b"eth0\0\0", "eth0"),
        (b" core \r\n", "core"),
        ("Zürich".encode(), "Zürich"),
        ("Zürich".encode("latin-1"), "Zürich"),
        (b"\0\0", None),
        (b"", None),
        (b"x" * 5000, "x" * 4096),
        (7, None),
        (None, None),
    ],
)
def test_texts(value: Value, expected: str | None) -> None:
    assert syntax.text(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (bytes.fromhex("001c7300ab01"), "00:1c:73:00:ab:01"),
        (b"0:1c:73:0:ab:1", "00:1c:73:00:ab:01"),
        (b"00-1C-73-00-AB-01", "00:1c:73:00:ab:01"),
        (b"001c.7300.ab01", "00:1c:73:00:ab:01"),
        (b"\0\0\0\0\0\0", None),
        (b"00:00:00:00:00:00", None),
        (b"\x00\x1c\x73", None),
        (b"not a mac at", None),
        (b"", None),
    ],
)
def test_macs(value: bytes, expected: str | None) -> None:
    assert syntax.mac(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        (bytes([192, 0, 2, 1]), "192.0.2.1"),
        (bytes([192, 0, 2, 1, 0, 0, 0, 4]), "192.0.2.1"),
        (bytes.fromhex("20010db8000000000000000000000001"), "2001:db8::1"),
        (bytes.fromhex("fe800000000000000000000000000001") + b"\0\0\0\4", "fe80::1"),
        (bytes.fromhex("00000000000000000000ffffc0000201"), "192.0.2.1"),
        (b"\1\2\3", None),
        ("router", None),
    ],
)
def test_addresses(value: Value, expected: str | None) -> None:
    assert syntax.address(value) == expected


def test_bits_are_counted_from_the_first_of_the_first_octet() -> None:
    assert syntax.bits(b"\x80\x01") == frozenset({0, 15})
    assert syntax.bits(b"\0\0") == frozenset()


def test_bits_that_no_convention_has_are_not_counted() -> None:
    assert len(syntax.bits(b"\xff" * 65_000) or ()) == syntax.MOST_BITS


def test_the_ports_of_a_list_are_counted_from_one() -> None:
    assert syntax.listed([16, 1, 0, -3, 70_000]) == b"\x80\x01"
    assert list(syntax.ports_in(b"\x80\x01\xff", syntax.listed([1, 2, 16]))) == [1, 16]
    assert list(syntax.ports_in(b"", b"\xff")) == []
    assert [syntax.port_list(each) for each in (b"\x80\0", b"", 3, None)] == [b"\x80\0", b"", None, None]


def test_an_oid_that_points_nowhere_is_none() -> None:
    assert syntax.oid(".1.3.6.1.4.1.9.1.1208") == "1.3.6.1.4.1.9.1.1208"
    assert [syntax.oid(value) for value in ("0.0", "ciscoProducts", b"1.3", None)] == [None] * 4


def test_words_of_numbers() -> None:
    read = syntax.one_of({1: "up"})
    assert [read(1), read(9), read(b"1")] == ["up", "9", None]
    assert [syntax.truth(each) for each in (1, 2, 3, b"")] == [True, False, None, None]
