"""SNMPv2-MIB (RFC 3418) and the engine id of SNMP-FRAMEWORK-MIB (RFC 3411): what a device says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from collector.snmp import syntax
from collector.snmp.table import Scalars, column


@dataclass(frozen=True, slots=True)
class System(Scalars):
    """The system group. `uptime_ticks` counts hundredths of a second since the agent (not always the device) started."""

    oid: ClassVar[str] = "1.3.6.1.2.1.1"

    description: str | None = column(1, syntax.text)
    object_id: str | None = column(2, syntax.oid)
    uptime_ticks: int | None = column(3, syntax.number)
    contact: str | None = column(4, syntax.text)
    name: str | None = column(5, syntax.text)
    location: str | None = column(6, syntax.text)


@dataclass(frozen=True, slots=True)
class Engine(Scalars):
    """snmpEngine: `id` is unique in the world where it is made as RFC 3411 has it."""

    oid: ClassVar[str] = "1.3.6.1.6.3.10.2.1"

    id: bytes | None = column(1, syntax.octets)


def identifying_engine_id(id: bytes | None) -> str:
    """The engine id in hex where it can identify: made of a MAC, of text or of octets. Empty otherwise.

    Formats 1 and 2 (SnmpEngineID of RFC 3411) are made of an IP address, which is a locator; what has no format bit was
    made as older agents did, by anybody's rule; engine ids of 5 octets or of one octet again and again are left as they
    came out of the box.
    """
    if id is None or not 9 <= len(id) <= 32 or not id[0] & 0x80:
        return ""
    rest = id[5:]
    if id[4] in {1, 2} or len(set(rest)) == 1:
        return ""
    return id.hex()
