"""Questions by which agents are known, against the decoder of another library and against garbage."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto.api import v2c
from pysnmp.proto.mpmod.rfc3412 import SNMPv3Message

from collector.secret import Secret
from collector.snmp.probe import Probe

TWO_C = Probe(("a",), 161, Secret("çommunity"))
V3 = Probe(("b", "c"), 161)


@pytest.mark.parametrize("number", [1, 127, 128, 65_536, 2**31 - 1])
def test_the_question_of_version_2c_is_what_another_library_reads(number: int) -> None:
    message, rest = decoder.decode(TWO_C.question(number), asn1Spec=v2c.Message())
    pdu = v2c.apiMessage.get_pdu(message)

    assert not rest
    assert bytes(v2c.apiMessage.get_community(message)).decode() == "çommunity"
    assert int(v2c.apiPDU.get_request_id(pdu)) == number
    assert [str(oid) for oid, _ in v2c.apiPDU.get_varbinds(pdu)] == ["1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.1.2.0"]


def test_the_discovery_of_version_3_names_no_user_and_is_reportable() -> None:
    message, rest = decoder.decode(V3.question(77), asn1Spec=SNMPv3Message())

    assert not rest
    assert int(message["msgGlobalData"]["msgID"]) == 77
    assert bytes(message["msgGlobalData"]["msgFlags"]) == b"\x04"
    assert "çommunity" not in str(message)


def answer(number: int) -> bytes:
    reply = v2c.GetResponsePDU()
    v2c.apiPDU.set_defaults(reply)
    v2c.apiPDU.set_request_id(reply, number)
    message = v2c.Message()
    v2c.apiMessage.set_defaults(message)
    v2c.apiMessage.set_community(message, "x" * 200)
    v2c.apiMessage.set_pdu(message, reply)
    encoded: bytes = encoder.encode(message)
    return encoded


def test_an_answer_is_known_by_its_number_alone() -> None:
    assert TWO_C.is_answered(answer(5), 5)
    assert not TWO_C.is_answered(answer(5), 6)
    assert not V3.is_answered(answer(5), 5)
    assert not TWO_C.is_answered(TWO_C.question(5), 5)  # Its own question that came back.
    assert not TWO_C.is_answered(answer(5)[:-1], 5)
    assert not TWO_C.is_answered(answer(5) + b"\x00\x00", 5)


@given(st.binary(max_size=200))
def test_garbage_is_no_answer(garbage: bytes) -> None:
    assert not TWO_C.is_answered(garbage, 2**30)
    assert not V3.is_answered(garbage, 2**30)
