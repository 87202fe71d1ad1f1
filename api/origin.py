"""From which address a request comes.

That is the address that connects. Where a reverse proxy stands before the server, and the settings name its network, it is the
last address in X-Forwarded-For that is none of a trusted proxy: each proxy adds who connected to it, and what stands further to
the left anybody can have written.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
MOST_HOPS = 32


def origin(connecting: str, forwarded: Sequence[str], trusted: Iterable[str]) -> str:
    """The address; `forwarded` are the values of X-Forwarded-For in order. Empty where the connecting one is none."""
    found = _address(connecting)
    if found is None:
        return ""
    proxies = list(trusted)
    hops = [hop for value in forwarded for hop in value.split(",")] if proxies else []
    for hop in hops[: -MOST_HOPS - 1 : -1]:
        before = _address(hop.strip())
        if before is None or not within(str(found), proxies):
            break
        found = before
    return str(found)


def within(address: str, networks: Iterable[str]) -> bool:
    """True of an address in one of the networks (CIDR)."""
    found = _address(address)
    return found is not None and any(found in ipaddress.ip_network(network) for network in networks)


def _address(text: str) -> Address | None:
    """An address as it is compared: one of IPv4 that came as one of IPv6 is one of IPv4 (RFC 4291 section 2.5.5.2)."""
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, ipaddress.IPv6Address) else found
