"""The one cheap question by which an SNMP agent is known: its bytes, and whether what came is an answer to it.

Of version 2c a GET of sysUpTime.0 and sysObjectID.0 with one community (RFC 3416): who does not know the community is silent. Of
version 3 the discovery of the engine (RFC 3414 section 4), which any agent answers whoever asks; it shows no user. Written in BER
(X.690) by hand: a sweep asks thousands of addresses from one thread, and no session is opened where nobody is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from collector.secret import Secret
from collector.snmp.ber import GET, INTEGER, OCTETS, RESPONSE, SEQUENCE, V2C, integer, request, tlv

MOST_BYTES = 65_535
"""Of a datagram."""

_REPORTABLE, _USM = b"\x04", b"\x03"
_V3 = 3
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
            return request(GET, self.community.reveal().encode(), number, _OIDS)
        header = integer(number) + integer(MOST_BYTES - 28) + tlv(OCTETS, _REPORTABLE) + tlv(INTEGER, _USM)
        nobody = tlv(OCTETS, b"")
        security = tlv(SEQUENCE, nobody + integer(0) + integer(0) + nobody * 3)
        pdu = tlv(GET, integer(number) + integer(0) + integer(0) + tlv(SEQUENCE, b""))
        scoped = tlv(SEQUENCE, nobody * 2 + pdu)
        return tlv(SEQUENCE, integer(_V3) + tlv(SEQUENCE, header) + tlv(OCTETS, security) + scoped)

    def is_answered(self, datagram: bytes, number: int) -> bool:
        """True where it is the answer of an agent to that question; never raises, whatever came."""
        parts = list(_parts(datagram))
        if len(parts) != 1 or parts[0][0] != SEQUENCE:
            return False
        inner = list(_parts(parts[0][1]))
        kinds = [kind for kind, _ in inner]
        if self.community is not None:
            if kinds != [INTEGER, OCTETS, RESPONSE] or _whole(inner[0][1]) != V2C:
                return False
            first = next(_parts(inner[2][1]), (0, _GARBLED))
            return first[0] == INTEGER and _whole(first[1]) == number
        if kinds[:2] != [INTEGER, SEQUENCE] or _whole(inner[0][1]) != _V3:
            return False
        first = next(_parts(inner[1][1]), (0, _GARBLED))
        return first[0] == INTEGER and _whole(first[1]) == number


def _whole(content: bytes) -> int:
    return int.from_bytes(content[:8], "big", signed=True)


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
