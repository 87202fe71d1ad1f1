"""Messages of SNMPv2c: what the library writes is read alike, and nothing that comes breaks the reader."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto import api

from collector.snmp import ber

V2C: Any = api.PROTOCOL_MODULES[api.SNMP_VERSION_2C]
NAME = "1.3.6.1.2.1.2.2.1.2.4294967295.1"

oids = st.builds(
    lambda head, rest: ".".join(map(str, (*head, *rest))),
    st.one_of(
        st.tuples(st.sampled_from([0, 1]), st.integers(0, 39)), st.tuples(st.just(2), st.integers(0, 2**32 - 81))
    ),
    st.lists(st.integers(0, 2**32 - 1), max_size=20),
)


def message(*bindings: tuple[str, Any], request_id: int = 7, status: int = 0) -> bytes:
    """A response as the library writes it."""
    pdu = V2C.GetResponsePDU()
    V2C.apiPDU.set_defaults(pdu)
    V2C.apiPDU.set_request_id(pdu, request_id)
    V2C.apiPDU.set_error_status(pdu, status)
    V2C.apiPDU.set_varbinds(pdu, [(tuple(map(int, name.split("."))), value) for name, value in bindings])
    made = V2C.Message()
    V2C.apiMessage.set_defaults(made)
    V2C.apiMessage.set_community(made, "public")
    V2C.apiMessage.set_pdu(made, pdu)
    encoded: bytes = encoder.encode(made)
    return encoded


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (V2C.Integer32(-(2**31)), -(2**31)),
        (V2C.OctetString(b""), b""),
        (V2C.OctetString(b"x" * 60_000), b"x" * 60_000),
        (V2C.ObjectIdentifier("1.3.6.1.4.1.4294967295"), "1.3.6.1.4.1.4294967295"),
        (V2C.ObjectIdentifier("0.0"), "0.0"),
        (V2C.IpAddress("192.0.2.1"), "192.0.2.1"),
        (V2C.Counter32(2**32 - 1), 2**32 - 1),
        (V2C.Gauge32(7), 7),
        (V2C.TimeTicks(8), 8),
        (V2C.Counter64(2**64 - 1), 2**64 - 1),
        (V2C.Opaque(b"\x9f\x78\x04\0\0\0\0"), b"\x9f\x78\x04\0\0\0\0"),
        (V2C.Null(""), None),
        (api.v2c.NoSuchObject(""), None),
        (api.v2c.NoSuchInstance(""), None),
        (api.v2c.EndOfMibView(""), ber.END),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_of_each_kind(value: Any, read: Any) -> None:
    assert ber.response(message((NAME, value)), 7) == (0, [(ber.oid(NAME), read)])


def test_what_is_no_response_to_the_request_is_none() -> None:
    said = message((NAME, V2C.Integer32(1)))

    assert ber.response(said, 8) is None
    assert ber.response(ber.request(ber.GET, b"public", 7, []), 7) is None
    assert ber.response(said.replace(b"\x02\x01\x01", b"\x02\x01\x00", 1), 7) is None
    assert ber.response(message(status=16), 7) == (16, [])


@given(st.lists(oids, max_size=5), st.integers(1, 2**31 - 1), st.integers(0, 1000))
def test_the_library_reads_the_same_question(names: list[str], request_id: int, repetitions: int) -> None:
    written = ber.request(ber.GET_BULK, b"public", request_id, map(ber.oid, names), repetitions)
    read, rest = decoder.decode(written, asn1Spec=V2C.Message())
    pdu = V2C.apiMessage.get_pdu(read)

    assert rest == b""
    assert bytes(V2C.apiMessage.get_community(read)) == b"public"
    assert V2C.apiBulkPDU.get_request_id(pdu) == request_id
    assert V2C.apiBulkPDU.get_max_repetitions(pdu) == repetitions
    assert [str(name) for name, _ in V2C.apiBulkPDU.get_varbinds(pdu)] == names


@given(oids)
def test_an_oid_comes_back(name: str) -> None:
    assert ber.text(ber.oid(name)) == name


WHOLE = message(
    (NAME, V2C.OctetString(b"x" * 300)), ("1.3.6.1", V2C.Counter32(99)), ("1.3.7", V2C.IpAddress("192.0.2.1"))
)


@given(st.data())
def test_no_datagram_breaks_the_reader(data: st.DataObject) -> None:
    broken = bytearray(WHOLE)
    for at in data.draw(st.lists(st.integers(0, len(broken) - 1), max_size=6)):
        broken[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(broken)))
    for each in (bytes(broken), bytes(broken[:cut]), data.draw(st.binary(max_size=60))):
        try:
            ber.response(each, 7)
        except ber.Malformed:
            continue


def test_every_message_that_breaks_off_is_malformed() -> None:
    for size in range(len(WHOLE)):
        with pytest.raises(ber.Malformed):
            ber.response(WHOLE[:size], 7)


@pytest.mark.parametrize(
    "content",
    [b"\xff" * 5 + b"\x7f", b"\x81", b"\x01" * 129, b"\x90\x80\x80\x80\x00"],
    ids=["long", "open", "many", "2^32"],
)
def test_octets_that_are_no_oid(content: bytes) -> None:
    with pytest.raises(ber.Malformed):
        ber.instance(content)


def test_an_integer_of_many_octets_is_none() -> None:
    binding = ber.tlv(ber.SEQUENCE, ber.tlv(ber.OID, ber.oid(NAME)) + ber.tlv(ber.INTEGER, b"\x7f" * 5000))
    pdu = ber.tlv(ber.RESPONSE, ber.integer(7) + ber.integer(0) * 2 + ber.tlv(ber.SEQUENCE, binding))
    with pytest.raises(ber.Malformed, match="none of SNMP"):
        ber.response(ber.tlv(ber.SEQUENCE, ber.integer(1) + ber.tlv(ber.OCTETS, b"") + pdu), 7)
