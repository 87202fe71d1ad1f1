"""The reader of DER."""

from __future__ import annotations

import pytest

from agent import der
from agent.fact import ParseError
from cmdb.model.times import iso


@pytest.mark.parametrize(
    ("text", "number"), [("020100", 0), ("02017f", 127), ("02020080", 128), ("020180", -128), ("0203010001", 65537)]
)
def test_whole_numbers(text: str, number: int) -> None:
    assert der.integer(der.element(bytes.fromhex(text))) == number


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0603550403", "2.5.4.3"),
        ("06082a8648ce3d030107", "1.2.840.10045.3.1.7"),
        ("06032a0304", "1.2.3.4"),
        ("06028837", "2.999"),
    ],
)
def test_object_identifiers(text: str, expected: str) -> None:
    assert der.oid(der.element(bytes.fromhex(text))) == expected


@pytest.mark.parametrize(
    ("tag", "text", "expected"),
    [
        (0x17, "500101000000Z", "1950-01-01T00:00:00.000000Z"),
        (0x17, "491231235959Z", "2049-12-31T23:59:59.000000Z"),
        (0x18, "20500101000000Z", "2050-01-01T00:00:00.000000Z"),
        (0x18, "99991231235959Z", "9999-12-31T23:59:59.000000Z"),
    ],
)
def test_times(tag: int, text: str, expected: str) -> None:
    assert iso(der.time(der.Element(tag, text.encode(), b""))) == expected


@pytest.mark.parametrize(
    ("tag", "text"),
    [(0x17, "20500101000000Z"), (0x18, "500101000000Z"), (0x17, "501301000000Z"), (0x17, "5001010000Z"), (0x17, "")],
)
def test_what_is_no_time_is_refused(tag: int, text: str) -> None:
    with pytest.raises(ParseError, match="no time"):
        der.time(der.Element(tag, text.encode(), b""))


@pytest.mark.parametrize("text", ["", "30", "3080", "3085010101010101", "1f8101", "0402ff", "308201", "3003020105ff"])
def test_what_is_cut_or_no_der_is_refused(text: str) -> None:
    with pytest.raises(ParseError):
        [der.element(bytes.fromhex(text)).children(), *der.elements(bytes.fromhex(text))]


def test_a_length_in_the_long_form_and_values_one_behind_another() -> None:
    data = b"\x04\x81\x80" + b"x" * 128 + b"\x02\x01\x05"

    first, second = der.elements(data)

    assert (len(first.content), der.integer(second)) == (128, 5)
    assert first.whole + second.whole == data


def test_wrong_types_are_refused() -> None:
    with pytest.raises(ParseError, match="INTEGER"):
        der.integer(der.element(b"\x04\x01\x00"))
    with pytest.raises(ParseError, match="OBJECT"):
        der.oid(der.element(b"\x06\x01\x80"))
    with pytest.raises(ParseError, match="64 bits"):
        der.oid(der.element(b"\x06\x0b" + b"\xff" * 10 + b"\x01"))
    assert der.text(der.element(b"\x04\x01\x00")) is None
    assert der.text(der.element(b"\x1e\x04\x00a\x00b")) == "ab"
