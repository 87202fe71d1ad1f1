"""Forms of texts that are keys: one writing of each address and network, so that the same one is the same CI.

IPv6 as RFC 5952 has it, IPv4-mapped (RFC 4291 section 2.5.5.2) as IPv4, never with a zone, which only one host knows.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Callable

from cmdb.model.checked import shown


def address(text: str) -> str:
    """An IP address in the writing that is compared. Raises ValueError that says what is wrong with it."""
    bare = _without_zone(text)
    try:
        found = ipaddress.ip_address(bare)
    except ValueError:
        raise ValueError(f"{shown(text)} is no IP address, as in 192.0.2.7 or 2001:db8::7") from None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return str(mapped or found)


def network(text: str) -> str:
    """A network and its length in the writing that is compared. Raises ValueError that says what is wrong with it."""
    start, sign, length = _without_zone(text).partition("/")
    try:
        if not sign:
            raise ValueError
        inside = ipaddress.ip_network(f"{start.strip()}/{length.strip()}", strict=False)
        first = ipaddress.ip_address(start.strip())
    except ValueError:
        raise ValueError(f"{shown(text)} is no network and length, as in 192.0.2.0/24 or 2001:db8::/64") from None
    found = _unmapped(inside)
    if first != inside.network_address:
        raise ValueError(f"{shown(text)} is an address within a network; the network is {found}")
    return found


FORMS: Mapping[str, Callable[[str], str]] = {"address": address, "network": network}
"""By name, as a declaration has it: a text in its one writing, or ValueError with the reason."""


def _without_zone(text: str) -> str:
    if "%" in text:
        raise ValueError(f"{shown(text)} has a zone, which only one host knows: leave out what stands from the %")
    return text


def _unmapped(found: ipaddress.IPv4Network | ipaddress.IPv6Network) -> str:
    if isinstance(found, ipaddress.IPv6Network) and found.prefixlen >= 96:
        start = found.network_address.ipv4_mapped
        if start is not None:
            return f"{start}/{found.prefixlen - 96}"
    return str(found)
