"""Values of SNMP as Python has them, by the textual convention of their column.

A raw value (`Value`) is an int for INTEGER, Counter, Gauge and TimeTicks, bytes for OCTET STRING, a str for OBJECT
IDENTIFIER ("1.3.6.1") and IpAddress ("192.0.2.1"), None where the agent has none (noSuchInstance). Every reader gives None
for what its convention does not allow: devices send garbage, and a cell that is not understood is a cell that is not there.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

Value = int | bytes | str | None

MOST_TEXT = 4096
"""Characters of a text that are kept; SnmpAdminString is 255 bytes long (RFC 3411), descriptions of some devices longer."""

MOST_BITS = 64
MOST_PORT = 65_535
"""The highest dot1dBasePort (RFC 4188)."""

_NOT_ZERO = re.compile(rb"[^\0]", re.DOTALL)
_OID = re.compile(r"\.?\d+(\.\d+)*")


def text(value: Value) -> str | None:
    """A text for people: UTF-8, else Latin-1; without what surrounds it (NUL, blanks), None where nothing is left.

    DisplayString (RFC 2579) is ASCII, SnmpAdminString (RFC 3411) UTF-8; old devices send Latin-1 in both, and fill up with
    NUL. Control characters stay: what shows a text makes them harmless.
    """
    if not isinstance(value, bytes):
        return value or None if isinstance(value, str) else None
    try:
        found = value.decode("utf-8")
    except UnicodeDecodeError:
        found = value.decode("latin-1")
    return found.strip("\0 \t\r\n")[:MOST_TEXT] or None


def number(value: Value) -> int | None:
    """INTEGER, Counter32, Gauge32, Counter64, TimeTicks."""
    return value if isinstance(value, int) else None


def octets(value: Value) -> bytes | None:
    """OCTET STRING as it came; one of no length is None."""
    return value or None if isinstance(value, bytes) else None


def oid(value: Value) -> str | None:
    """OBJECT IDENTIFIER without a leading dot; 0.0 (zeroDotZero) points nowhere and is None."""
    if not isinstance(value, str) or not _OID.fullmatch(value):
        return None
    found = value.lstrip(".")
    return None if found in {"0.0", "0"} else found


def mac(value: Value) -> str | None:
    """MacAddress or PhysAddress of six octets, as "00:1c:73:00:00:01"; None where all are zero.

    Some agents send the address as text ("0:1c:73:0:0:1", "001c.7300.0001"); that is read as well.
    """
    if not isinstance(value, bytes):
        return None
    if len(value) != 6:
        return _written_mac(value)
    return None if value == b"\0\0\0\0\0\0" else value.hex(":")


def address(value: Value) -> str | None:
    """IpAddress, or an InetAddress of 4 or 16 octets (RFC 4001; 8 and 20 with a zone), in canonical form."""
    if isinstance(value, str):
        try:
            return str(ipaddress.ip_address(value))
        except ValueError:
            return None
    return inet_address(value) if isinstance(value, bytes) else None


def inet_address(value: bytes) -> str | None:
    """The address that these octets are; a zone index (InetAddressIPv4z, IPv6z) is dropped, an IPv4-mapped one is IPv4."""
    if len(value) in {8, 20}:
        value = value[:-4]
    if len(value) not in {4, 16}:
        return None
    found = ipaddress.ip_address(value)
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return str(mapped or found)


def truth(value: Value) -> bool | None:
    """TruthValue (RFC 2579): true is 1, false 2."""
    return {1: True, 2: False}.get(value) if isinstance(value, int) else None


def bits(value: Value) -> frozenset[int] | None:
    """BITS: numbers of the bits that are set, the first bit of the first octet being 0. What stands behind MOST_BITS is of no
    convention that is read here."""
    if not isinstance(value, bytes):
        return None
    return frozenset(
        8 * at + bit for at, octet in enumerate(value[: MOST_BITS // 8]) for bit in range(8) if octet & 0x80 >> bit
    )


def port_list(value: Value) -> bytes | None:
    """PortList (RFC 4363) as it came: 64 KiB of octets are half a million ports, so only `ports_in` makes numbers of it."""
    return value if isinstance(value, bytes) else None


def ports_in(value: bytes, among: bytes) -> Iterator[int]:
    """Numbers of the ports that are in both lists, from 1; costs as much as there are."""
    size = min(len(value), len(among))
    both = int.from_bytes(value[:size], "big") & int.from_bytes(among[:size], "big")
    for found in _NOT_ZERO.finditer(both.to_bytes(size, "big")):
        for bit in range(8):
            if found[0][0] & 0x80 >> bit:
                yield 8 * found.start() + bit + 1


def listed(ports: Iterable[int]) -> bytes:
    """The PortList of these ports; numbers that no port has (RFC 4188: 1 to 65535) are left out."""
    made = bytearray((MOST_PORT + 7) // 8)
    for port in ports:
        if 1 <= port <= MOST_PORT:
            made[(port - 1) // 8] |= 0x80 >> (port - 1) % 8
    return bytes(made.rstrip(b"\0"))


def one_of(words: Mapping[int, str]) -> Callable[[Value], str | None]:
    """A reader of an enumerated INTEGER: the word of its number, the number itself as text where the MIB has none."""

    def read(value: Value) -> str | None:
        return words.get(value, str(value)) if isinstance(value, int) else None

    return read


def _written_mac(value: bytes) -> str | None:
    if not 11 <= len(value) <= 17:
        return None
    try:
        written = value.decode("ascii").lower()
    except UnicodeDecodeError:
        return None
    parts = re.split(r"[:\-]", written)
    plain = "".join(p.zfill(2) for p in parts) if len(parts) == 6 else written.replace(".", "")
    if not re.fullmatch(r"[0-9a-f]{12}", plain) or plain == "0" * 12:
        return None
    return bytes.fromhex(plain).hex(":")
