"""DER, the encoding of certificates: a reader that is bounded and refuses what is cut.

Source: ITU-T X.690. Of the universal types those that X.509 needs; indefinite lengths are BER and no DER.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple, NoReturn, Optional

from agent.fact import ParseError
from cmdb.model.times import from_iso

SEQUENCE, SET, INTEGER, BITS, OCTETS, OID = 0x30, 0x31, 0x02, 0x03, 0x04, 0x06
_MOST_OCTETS = 4
_TEXTS = {
    0x0C: "utf-8",
    0x13: "ascii",
    0x14: "latin-1",
    0x16: "ascii",
    0x1A: "ascii",
    0x1C: "utf-32-be",
    0x1E: "utf-16-be",
}
"""Types of text and their encodings: UTF8, Printable, T61, IA5, Visible, Universal, BMP."""


class Element(NamedTuple):
    """One value: `tag` is its identifier octet, `whole` the octets of the value with tag and length."""

    tag: int
    content: bytes
    whole: bytes

    def children(self) -> list[Element]:
        """The values that a constructed one consists of; raises ParseError."""
        return list(elements(self.content))


def element(data: bytes) -> Element:
    """The one value at the beginning of the octets; raises ParseError where it is cut."""
    for found in elements(data):
        return found
    raise ParseError("DER: nothing where a value should be")


def elements(data: bytes) -> Iterator[Element]:
    """Values that stand one behind another; raises ParseError where one is cut."""
    at = 0
    while at < len(data):
        start, tag = at, data[at]
        at += 1
        if tag & 0x1F == 0x1F or at >= len(data):
            _refuse("a tag of several octets, or a value that is cut")
        length = data[at]
        at += 1
        if length & 0x80:
            octets = length & 0x7F
            if not 0 < octets <= _MOST_OCTETS or at + octets > len(data):
                _refuse("a length that is indefinite, too long or cut")
            length = int.from_bytes(data[at : at + octets], "big")
            at += octets
        if at + length > len(data):
            _refuse("a value that is cut")
        yield Element(tag, data[at : at + length], data[start : at + length])
        at += length


def integer(found: Element) -> int:
    """A whole number."""
    if found.tag != INTEGER or not found.content:
        _refuse("no INTEGER")
    return int.from_bytes(found.content, "big", signed=True)


def oid(found: Element) -> str:
    """An object identifier in dots."""
    if found.tag != OID or not found.content or found.content[-1] & 0x80:
        _refuse("no OBJECT IDENTIFIER")
    numbers: list[int] = []
    value = 0
    for octet in found.content:
        value = value << 7 | octet & 0x7F
        if value >= 1 << 64:
            _refuse("an OBJECT IDENTIFIER with a number beyond 64 bits")
        if not octet & 0x80:
            numbers.append(value)
            value = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, [first, numbers[0] - 40 * first, *numbers[1:]]))


def text(found: Element) -> Optional[str]:
    """A text, None of a type that is none; octets that are no text of their type are shown replaced."""
    encoding = _TEXTS.get(found.tag)
    return None if encoding is None else found.content.decode(encoding, "replace")


def time(found: Element) -> int:
    """Microseconds since 1970 of UTCTime (1950 to 2049, RFC 5280, 4.1.2.5.1) or GeneralizedTime."""
    shown = found.content.decode("ascii", "replace")
    match = re.fullmatch(r"(\d\d|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z", shown)
    if not match or {0x17: 2, 0x18: 4}.get(found.tag) != len(match[1]):
        _refuse(f"no time: {shown[:30]!r}")
    year = match[1] if len(match[1]) == 4 else ("19" if match[1] >= "50" else "20") + match[1]
    try:
        return from_iso(f"{year}-{match[2]}-{match[3]}T{match[4]}:{match[5]}:{match[6]}Z")
    except ValueError:
        raise ParseError(f"DER: no time: {shown[:30]!r}") from None


def _refuse(why: str) -> NoReturn:
    raise ParseError(f"DER: {why}")
