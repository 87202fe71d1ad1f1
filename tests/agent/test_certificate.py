"""The dates of a certificate, read from its DER form."""

from __future__ import annotations

import re
import ssl
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.certificate import validity
from tests.servers import certificates


def test_dates_are_those_that_ssl_tells_of_a_verified_certificate(tmp_path: Path) -> None:
    made = certificates.authority(tmp_path)
    context = ssl.create_default_context(cafile=str(made.certificate))
    told = context.get_ca_certs()[0]

    assert validity(made.der) == tuple(ssl.cert_time_to_seconds(str(told[name])) for name in ("notBefore", "notAfter"))


def test_dates_of_one_that_has_expired(tmp_path: Path) -> None:
    assert validity(certificates.issue(tmp_path, "old", "IP:127.0.0.1", expired=True).der) == (1577836800, 1580515200)


def test_half_of_one_is_none(tmp_path: Path) -> None:
    der = certificates.authority(tmp_path).der

    for length in range(len(der) - 1):
        with pytest.raises(ValueError, match="no certificate"):
            validity(der[:length])


@pytest.mark.parametrize(
    ("tag", "text", "seconds"),
    [
        (0x17, b"491231235959Z", 2524607999),
        (0x17, b"500101000000Z", -631152000),
        (0x18, b"20500101000000Z", 2524608000),
    ],
)
def test_years_of_two_digits_are_of_this_century_and_the_last(tag: int, text: bytes, seconds: int) -> None:
    date = bytes([tag, len(text)]) + text
    dates = b"\x30" + bytes([2 * len(date)]) + 2 * date
    inner = b"\x02\x01\x01" + b"\x30\x00" + b"\x30\x00" + dates
    tbs = b"\x30" + bytes([len(inner)]) + inner

    assert validity(b"\x30" + bytes([len(tbs)]) + tbs) == (seconds, seconds)


@given(st.binary(max_size=200))
def test_whatever_else_it_is_it_is_no_certificate(data: bytes) -> None:
    with pytest.raises(ValueError, match=re.compile("no certificate")):
        validity(data)
