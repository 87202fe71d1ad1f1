"""The dates between which a certificate is valid, read from its DER form, since `ssl` tells them of verified ones only.

Source: X.509 (RFC 5280 sections 4.1 and 4.1.2.5) in DER (X.690).
"""

from __future__ import annotations

import calendar
import re

_SEQUENCE, _VERSION, _UTC_TIME, _TIME = 0x30, 0xA0, 0x17, 0x18
_DIGITS = re.compile(rb"(\d{2}|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z\Z")


def validity(der: bytes) -> tuple[int, int]:
    """Not before and not after, in seconds since 1970. Raises ValueError where it is no certificate."""
    _, certificate, _ = _element(der)
    _, tbs, _ = _element(certificate)
    tag, _, rest = _element(tbs)
    if tag == _VERSION:
        _, _, rest = _element(rest)
    for _ in ("signature algorithm", "issuer"):  # behind the serial number
        _, _, rest = _element(rest)
    tag, dates, _ = _element(rest)
    if tag != _SEQUENCE:
        raise ValueError("no certificate: its dates are not where they belong")
    tag, before, rest = _element(dates)
    other, after, _ = _element(rest)
    return _seconds(tag, before), _seconds(other, after)


def _element(data: bytes) -> tuple[int, bytes, bytes]:
    """Tag and content of the first element, and what follows it."""
    if len(data) < 2:
        raise ValueError("no certificate: it ends too early")
    length, at = data[1], 2
    if length & 0x80:
        size = length & 0x7F
        if not 1 <= size <= 4:
            raise ValueError("no certificate: the length of an element is not definite")
        length, at = int.from_bytes(data[2 : 2 + size], "big"), 2 + size
    if len(data) < at + length:
        raise ValueError("no certificate: it ends too early")
    return data[0], data[at : at + length], data[at + length :]


def _seconds(tag: int, value: bytes) -> int:
    found = _DIGITS.match(value)
    if found is None or len(found.group(1)) != {_UTC_TIME: 2, _TIME: 4}.get(tag):
        raise ValueError("no certificate: a date of it has another form")
    year, *others = map(int, found.groups())
    if tag == _UTC_TIME:
        year += 1900 if year >= 50 else 2000
    return calendar.timegm((year, *others, 0, 0, 0))  # a month that there is none of counts on, and so does a day
