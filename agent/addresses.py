"""IP addresses in one writing.

IPv6 as RFC 5952 section 4 has it, an IPv4-mapped address (RFC 4291 section 2.5.5.2) as IPv4, without a zone.
"""

from __future__ import annotations

import ipaddress
from typing import Union

Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]


def address(text: str) -> Address | None:
    """The address that a text writes, None where it writes none (a host name). "%zone" and brackets are dropped."""
    try:
        found = ipaddress.ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def is_local(found: Address) -> bool:
    """True of what means something on one host or link only: loopback, link-local, unspecified."""
    return found.is_loopback or found.is_link_local or found.is_unspecified
