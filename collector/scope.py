"""Where a credential may be used at all: zones, ranges of addresses, names. An entry of the file without one is refused.

A target is covered where its zone is one of `zones` and, where ranges or names are given, its address lies in one of the
ranges, or its name or address is one of the names. A name is a host's name or "*." and the end of one; case does not matter.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from collector.target import Target

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
NARROW = 8
"""The shortest prefix of a range that names its addresses, rather than everybody's."""

_NAME = re.compile(r"(?:\*\.)?[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?\Z", re.ASCII)
_ZONE = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,63})\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Scope:
    """`zones` is never empty; without `ranges` and `names` it is all of these zones."""

    zones: tuple[str, ...]
    ranges: tuple[Network, ...] = ()
    names: tuple[str, ...] = ()

    def covers(self, target: Target) -> bool:
        if target.zone not in self.zones:
            return False
        if not self.ranges and not self.names:
            return True
        return bool(self._ranges_of(target)) or any(_is(name, target) for name in self.names)

    def names_range(self, target: Target) -> bool:
        """True where a range of the entry itself, in a zone that it covers, holds the target's address and is a /8 or
        narrower. All of a zone, a name, which is as good as its name server, and a range like 0.0.0.0/0 or ::/1 name no
        range: a password is then offered only to a host key that is known."""
        return target.zone in self.zones and any(r.prefixlen >= NARROW for r in self._ranges_of(target))

    def _ranges_of(self, target: Target) -> list[Network]:
        address = _address(target.address)
        return [] if address is None else [r for r in self.ranges if address.version == r.version and address in r]

    def document(self) -> dict[str, list[str]]:
        return {"ranges": [str(r) for r in self.ranges], "names": list(self.names), "zones": list(self.zones)}

    def __str__(self) -> str:
        where = [*(str(r) for r in self.ranges), *self.names]
        zones = "" if where and self.zones == ("default",) else f"zone {', '.join(self.zones)}"
        return "; ".join(part for part in (", ".join(where), zones) if part)


def network(text: str) -> Network:
    """A range in CIDR notation, or one address. Raises ValueError where it is none, or has bits set behind its prefix."""
    made = ipaddress.ip_network(text)
    if isinstance(made, ipaddress.IPv6Network) and made.prefixlen >= 96 and made.network_address.ipv4_mapped:
        return ipaddress.IPv4Network((int(made.network_address) & 0xFFFFFFFF, made.prefixlen - 96))
    return made


def is_name(text: str) -> bool:
    return bool(_NAME.match(text)) and _address(text) is None


def is_zone(text: str) -> bool:
    return bool(_ZONE.match(text))


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, ipaddress.IPv6Address) else address


def _is(name: str, target: Target) -> bool:
    wanted = name.lower()
    return any(
        called.endswith(wanted[1:]) if wanted.startswith("*.") else called == wanted
        for called in (target.name.lower().rstrip("."), target.address.lower().rstrip("."))
    )
