"""Messages of SNMPv2c in BER (X.690; RFC 3416, RFC 1901): written, and read whatever came.

Yields of a response its error-status and its variable bindings, the OIDs as they stand on the wire, the values as syntax.Value.
Reading takes time in proportion to the datagram, and raises Malformed for what is not whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from collector.snmp.syntax import Value

INTEGER, OCTETS, NULL, OID, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
GET, RESPONSE, GET_BULK = 0xA0, 0xA2, 0xA5
V2C = 1
"""version of RFC 1901."""

_IP_ADDRESS, _OPAQUE = 0x40, 0x44
_UNSIGNED = frozenset({0x41, 0x42, 0x43, 0x46, 0x47})
"""Counter32, Gauge32 (Unsigned32), TimeTicks, Counter64, and UInteger32 of RFC 1442."""
_NOT_THERE = frozenset({NULL, 0x80, 0x81})
"""noSuchObject, noSuchInstance."""
_END_OF_MIB = 0x82
_MOST_INTEGER = 9
"""Octets of a Counter64 above 2^63."""
_MOST_SUB_IDENTIFIERS = 128
"""RFC 2578 section 3.5; each is below 2^32, five octets here."""
_KEPT = 2048
"""OIDs whose text is kept: the same instances come again in each column."""


class Malformed(Exception):
    """No message, or none that is whole; the message says how."""


class End:
    """What stands for a value where nothing follows any more (endOfMibView)."""


END = End()

Bindings = list[tuple[bytes, "Value | End"]]


def tlv(kind: int, content: bytes) -> bytes:
    """Tag, length, content."""
    size = len(content)
    if size < 0x80:
        return bytes((kind, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((kind, 0x80 | len(length))) + length + content


def integer(value: int) -> bytes:
    """An INTEGER that is not negative."""
    return tlv(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def request(kind: int, community: bytes, request_id: int, oids: Iterable[bytes], repetitions: int = 0) -> bytes:
    """A GET, or a GETBULK without non-repeaters."""
    bindings = b"".join(tlv(SEQUENCE, tlv(OID, oid) + b"\5\0") for oid in oids)
    pdu = tlv(kind, integer(request_id) + integer(0) + integer(repetitions) + tlv(SEQUENCE, bindings))
    return tlv(SEQUENCE, integer(V2C) + tlv(OCTETS, community) + pdu)


def oid(text: str) -> bytes:
    """The OBJECT IDENTIFIER "1.3.6.1" as it stands on the wire."""
    first, second, *others = map(int, text.split("."))
    return b"".join(map(_sub_identifier, (40 * first + second, *others)))


def response(datagram: bytes, request_id: int) -> tuple[int, Bindings] | None:
    """error-status and variable bindings of the response to that request; None of any other message. Raises Malformed."""
    try:
        return _response(datagram, request_id)
    except (IndexError, ValueError):
        raise Malformed("the response breaks off") from None


@lru_cache(_KEPT)
def sub_identifiers(content: bytes) -> tuple[int, ...]:
    """The numbers of these octets, which are the end of an OID. Raises Malformed."""
    found: list[int] = []
    value = octets = 0
    for octet in content:
        value = value << 7 | octet & 0x7F
        octets += 1
        if octet < 0x80:
            found.append(value)
            value = octets = 0
        elif octets >= 5:
            raise Malformed("a sub-identifier of an OID is too big")
    if octets or len(found) > _MOST_SUB_IDENTIFIERS or max(found, default=0) >= 1 << 32:
        raise Malformed("what should be an OID is none")
    return tuple(found)


@lru_cache(_KEPT)
def instance(content: bytes) -> str:
    """The text of these octets, which are the end of an OID: "17.3". Raises Malformed."""
    return ".".join(map(str, sub_identifiers(content)))


@lru_cache(_KEPT)
def text(content: bytes) -> str:
    """The text of an OID: "1.3.6.1". Raises Malformed."""
    first, *others = sub_identifiers(content) or (0,)
    head = min(first // 40, 2)
    return ".".join(map(str, (head, first - 40 * head, *others)))


def _response(data: bytes, request_id: int) -> tuple[int, Bindings] | None:
    at, end = _inside(data, 0, len(data), SEQUENCE)
    if end != len(data):
        raise Malformed("the datagram does not end with its message")
    version, at = _integer(data, at, end)
    if version != V2C:
        return None
    _, at = _inside(data, at, end, OCTETS)
    if data[at] != RESPONSE:
        return None
    at, end = _inside(data, at, end, RESPONSE)
    known, at = _integer(data, at, end)
    if known != request_id:
        return None
    status, at = _integer(data, at, end)
    _, at = _integer(data, at, end)
    at, end = _inside(data, at, end, SEQUENCE)
    return status, _bindings(data, at, end)


def _bindings(data: bytes, at: int, end: int) -> Bindings:
    """The hot place of a walk: one loop, without a call for what is short and plain."""
    found: Bindings = []
    add, from_bytes, unsigned = found.append, int.from_bytes, _UNSIGNED
    while at < end:
        what, size, kind, length = data[at : at + 4]
        if what != SEQUENCE:
            raise Malformed("a variable binding is none")
        if size < 0x80 > length:
            stop = at + 2 + size
            at += 4
        else:
            at += 2
            if size & 0x80:
                size, at = _long(data, at, size)
            stop = at + size
            kind, length, at = data[at], data[at + 1], at + 2
            if length & 0x80:
                length, at = _long(data, at, length)
        if kind != OID:
            raise Malformed("a variable binding has no OID")
        name = data[at : at + length]
        at += length
        kind = data[at]
        size = data[at + 1]
        at += 2
        if size & 0x80:
            size, at = _long(data, at, size)
        content = data[at : at + size]
        at += size
        if at != stop or at > end:
            raise Malformed("a variable binding is not as long as it says")
        if kind == OCTETS:
            add((name, content))
        elif size <= _MOST_INTEGER and (kind == INTEGER or kind in unsigned):
            add((name, from_bytes(content, "big", signed=kind == INTEGER)))  # No octets are 0, as net-snmp reads it.
        else:
            add((name, _value(kind, content)))
    return found


def _value(kind: int, content: bytes) -> Value | End:
    if kind in _NOT_THERE:
        return None
    if kind == OID:
        return text(content)
    if kind == _IP_ADDRESS and len(content) == 4:
        return ".".join(map(str, content))
    if kind == _OPAQUE:
        return content
    if kind == _END_OF_MIB:
        return END
    raise Malformed(f"a value of kind {kind:#04x} and {len(content)} octets is none of SNMP")


def _inside(data: bytes, at: int, end: int, kind: int) -> tuple[int, int]:
    """Where the content of what stands here begins and ends."""
    if data[at] != kind:
        raise Malformed(f"kind {data[at]:#04x} stands in the place of {kind:#04x}")
    size = data[at + 1]
    at += 2
    if size & 0x80:
        size, at = _long(data, at, size)
    if at + size > end:
        raise Malformed("it is longer than what it stands in")
    return at, at + size


def _integer(data: bytes, at: int, end: int) -> tuple[int, int]:
    at, end = _inside(data, at, end, INTEGER)
    if not 1 <= end - at <= _MOST_INTEGER:
        raise Malformed("an INTEGER is too long")
    return int.from_bytes(data[at:end], "big", signed=True), end


def _long(data: bytes, at: int, size: int) -> tuple[int, int]:
    """A length of several octets, and where what it is of begins."""
    octets = size & 0x7F
    if not 1 <= octets <= 4 or at + octets > len(data):
        raise Malformed("a length is none")
    return int.from_bytes(data[at : at + octets], "big"), at + octets


def _sub_identifier(value: int) -> bytes:
    found = [value & 0x7F]
    while value := value >> 7:
        found.append(value & 0x7F | 0x80)
    return bytes(reversed(found))
