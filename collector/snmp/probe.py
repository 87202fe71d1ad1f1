"""The one cheap question by which an SNMP agent is known: its bytes, and whether what came is an answer to it.

Of version 2c a GET of sysUpTime.0 and sysObjectID.0 with one community (RFC 3416): who does not know the community is silent. Of
version 3 the discovery of the engine (RFC 3414 section 4), which any agent answers whoever asks; it shows no user. Written in BER
(X.690) by hand: a sweep asks thousands of addresses from one thread, and no session is opened where nobody is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from collector.secret import Secret

MOST_BYTES = 65_535
"""Of a datagram."""

_INTEGER, _OCTETS, _NULL, _OID, _SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
_GET, _RESPONSE, _REPORT = 0xA0, 0xA2, 0xA8
_REPORTABLE, _USM = b"\x04", b"\x03"
_V2C, _V3 = 1, 3
_OIDS = (bytes((0x2B, 6, 1, 2, 1, 1, 3, 0)), bytes((0x2B, 6, 1, 2, 1, 1, 2, 0)))
"""sysUpTime.0 and sysObjectID.0 of RFC 3418."""
_GARBLED = b""


@dataclass(frozen=True, slots=True)
class Probe:
    """One question. `credentials` are the names of the entries for which it stands; without a `community` it is of version 3."""

    credentials: tuple[str, ...]
    port: int
    community: Secret | None = None

    def question(self, number: int) -> bytes:
        """The datagram; `number` from 1 to 2^31 - 1 comes again in the answer."""
        if self.community is not None:
            binds = b"".join(_tlv(_SEQUENCE, _tlv(_OID, oid) + _tlv(_NULL, b"")) for oid in _OIDS)
            return _tlv(
                _SEQUENCE,
                _number(_V2C) + _tlv(_OCTETS, self.community.reveal().encode()) + _pdu(number, binds),
            )
        header = _number(number) + _number(MOST_BYTES - 28) + _tlv(_OCTETS, _REPORTABLE) + _tlv(_INTEGER, _USM)
        nobody = _tlv(_OCTETS, b"")
        security = _tlv(_SEQUENCE, nobody + _number(0) + _number(0) + nobody * 3)
        scoped = _tlv(_SEQUENCE, nobody * 2 + _pdu(number, b""))
        return _tlv(_SEQUENCE, _number(_V3) + _tlv(_SEQUENCE, header) + _tlv(_OCTETS, security) + scoped)

    def is_answered(self, datagram: bytes, number: int) -> bool:
        """True where it is the answer of an agent to that question; never raises, whatever came."""
        parts = list(_parts(datagram))
        if len(parts) != 1 or parts[0][0] != _SEQUENCE:
            return False
        inner = list(_parts(parts[0][1]))
        kinds = [kind for kind, _ in inner]
        if self.community is not None:
            if kinds != [_INTEGER, _OCTETS, _RESPONSE] or _whole(inner[0][1]) != _V2C:
                return False
            first = next(_parts(inner[2][1]), (0, _GARBLED))
            return first[0] == _INTEGER and _whole(first[1]) == number
        if kinds[:2] != [_INTEGER, _SEQUENCE] or _whole(inner[0][1]) != _V3:
            return False
        first = next(_parts(inner[1][1]), (0, _GARBLED))
        return first[0] == _INTEGER and _whole(first[1]) == number


def _pdu(number: int, binds: bytes) -> bytes:
    return _tlv(_GET, _number(number) + _number(0) + _number(0) + _tlv(_SEQUENCE, binds))


def _number(value: int) -> bytes:
    return _tlv(_INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _whole(content: bytes) -> int:
    return int.from_bytes(content[:8], "big", signed=True)


def _tlv(kind: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes((kind, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((kind, 0x80 | len(length))) + length + content


def _parts(content: bytes) -> Iterator[tuple[int, bytes]]:
    """What stands side by side: tag and content. Ends before what is not whole."""
    at = 0
    while at + 2 <= len(content):
        kind, size = content[at], content[at + 1]
        at += 2
        if size & 0x80:
            count = size & 0x7F
            if not 0 < count <= 4 or at + count > len(content):
                return
            size = int.from_bytes(content[at : at + count], "big")
            at += count
        if at + size > len(content):
            return
        yield kind, content[at : at + size]
        at += size
