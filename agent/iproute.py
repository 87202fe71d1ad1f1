"""Text of ip(8): interfaces with their addresses, and routes.

Source: `ip -d address` and `ip [-6] route`, iproute2. The text is read and not the JSON: iproute2 before 4.14 (CentOS
7) has no JSON, and some later ones print broken JSON with -d, while the text has kept its shape.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import field

from agent.addresses import address
from agent.fact import ParseError
from cmdb.model.dataclass import dataclass

_HEAD = re.compile(r"(\d+): (\S+?)(?:@([^\s@]+))?: <([^>]*)>(.*)\Z")
_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2})+\Z")
_NOT_A_KIND = frozenset({"inet", "inet6", "any", "alias", "altname", "vf"})
_ROUTE_TYPES = frozenset(
    {"unicast", "local", "broadcast", "multicast", "throw", "unreachable", "prohibit", "blackhole", "nat", "anycast"}
)
_FLAGS = frozenset(
    {"onlink", "linkdown", "dead", "pervasive", "offload", "trap", "notify", "unresolved", "rt_offload", "lock"}
)


@dataclass(frozen=True)
class InterfaceAddress:
    """An address of an interface; `prefix` is the length, `network` its network unless that has one address only."""

    address: str
    prefix: int
    scope: str
    temporary: bool
    network: str | None

    @property
    def text(self) -> str:
        return f"{self.address}/{self.prefix}"


@dataclass(frozen=True)
class Interface:
    """An interface as the kernel has it. `kind` is empty where the kernel names none, which is hardware's way; `peer`
    is what stands behind the @ of its name; `elsewhere` says that the peer lives in another network namespace."""

    index: int
    name: str
    peer: str
    flags: tuple[str, ...]
    mtu: int | None
    state: str
    master: str
    link_type: str
    mac: str
    permanent_mac: str
    elsewhere: bool
    kind: str
    vlan: int | None
    partner: str = ""
    """Of a bond: the system that its aggregator has on the other side by LACP."""
    aggregator: str = ""
    """By number: of a bond the one that is in use, of a port of a bond the one that it belongs to."""
    addresses: tuple[InterfaceAddress, ...] = field(default=())


@dataclass(frozen=True)
class Route:
    """A route over one interface; of a route with several next hops there is one each."""

    prefix: str
    gateway: str
    device: str
    metric: int | None
    protocol: str


def parse_addresses(text: str) -> list[Interface]:
    """Interfaces from `ip -d address`, in its order.

    Raises ParseError, quoting the line, where a head, link or address line is not understood.
    """
    found: list[Interface] = []
    block: list[str] = []
    for line in text.splitlines():
        if block and line.startswith("ad_"):  # iproute2 4.3 begins a line within those of a port of a bond
            line = f"        {line}"
        if line and not line[0].isspace() and block:
            found.append(_interface(block))
            block = []
        if line.strip():
            block.append(line)
    return found + ([_interface(block)] if block else [])


def parse_routes(text: str) -> list[Route]:
    """Unicast routes from `ip route`; those without an interface (blackhole and kin) are left out.

    Raises ParseError, quoting the line, where a line has no destination or a word without a value.
    """
    found: list[Route] = []
    head: tuple[str, dict[str, str]] | None = None
    for line in text.splitlines():
        words = line.split()
        if not words:
            continue
        if words[0] == "nexthop" and head:
            prefix, above = head
            found += _route(prefix, {**above, **_pairs(words[1:], line)})
            continue
        kind = words.pop(0) if words[0] in _ROUTE_TYPES else "unicast"
        if not words or line[0].isspace():
            raise ParseError(f"ip route: not understood: {line[:200]!r}")
        prefix, pairs = _destination(words[0], line), _pairs(words[1:], line)
        head = (prefix, pairs)
        if kind == "unicast":
            found += _route(prefix, pairs)
    return found


def _interface(block: list[str]) -> Interface:
    head = _HEAD.match(block[0])
    if not head:
        raise ParseError(f"ip address: not understood: {block[0][:200]!r}")
    words = head[5].split()
    named = dict(zip(words[::2], words[1::2]))
    link: list[str] = []
    detail: list[str] = []
    of_bond: list[str] = []
    addresses = []
    for number, line in enumerate(block[1:], 1):
        words = line.split()
        if words[0].startswith("link/"):
            link = words
            after = block[number + 1].split() if number + 1 < len(block) else []
            first = after[0] if after and len(block[number + 1]) - len(block[number + 1].lstrip()) == 4 else ""
            if first and first not in _NOT_A_KIND and not first.endswith("_slave") and "/" not in first:
                detail = after
        elif words[0] == "bond_slave":
            of_bond = words
        elif words[0] in ("inet", "inet6"):
            addresses.append(_address(words, line))
    if not link:
        raise ParseError(f"ip address: an interface without its link line: {block[0][:200]!r}")
    mac = link[1] if len(link) > 1 and _MAC.match(link[1]) else ""
    return Interface(
        index=int(head[1]),
        name=head[2],
        peer=head[3] or "",
        flags=tuple(head[4].split(",")),
        mtu=int(named["mtu"]) if named.get("mtu", "").isdigit() else None,
        state=named.get("state", "").lower(),
        master=named.get("master", ""),
        link_type=link[0][5:],
        mac=mac,
        # Before iproute2 5.5 the permanent address is told of ports of bonds only.
        permanent_mac=_after(link, "permaddr") or _after(of_bond, "perm_hwaddr"),
        elsewhere="link-netnsid" in link or "link-netns" in link,
        kind=detail[0] if detail else "",
        vlan=int(_after(detail, "id")) if detail and detail[0] == "vlan" and _after(detail, "id").isdigit() else None,
        partner=_partner(detail),
        aggregator=_after(detail, "ad_aggregator") if detail[:1] == ["bond"] else _after(of_bond, "ad_aggregator_id"),
        addresses=tuple(addresses),
    )


def _partner(detail: list[str]) -> str:
    found = _after(detail, "ad_partner_mac") if detail[:1] == ["bond"] else ""
    return found if _MAC.match(found) and found.strip("0:") else ""


def _address(words: list[str], line: str) -> InterfaceAddress:
    # Of a point-to-point address the prefix length belongs to the peer: "inet 10.8.0.1 peer 10.8.0.2/32 scope global".
    own, _, length = words[1].partition("/")
    found = address(own)
    scope = _after(words, "scope")
    if found is None or not scope or (length and not (length.isdigit() and int(length) <= found.max_prefixlen)):
        raise ParseError(f"ip address: not understood: {line[:200]!r}")
    prefix = int(length) if length and "peer" not in words else found.max_prefixlen
    whole = prefix == found.max_prefixlen
    network = None if whole else str(ipaddress.ip_interface(f"{found}/{prefix}").network)
    return InterfaceAddress(str(found), prefix, scope, "temporary" in words, network)


def _route(prefix: str, pairs: dict[str, str]) -> Iterator[Route]:
    if "dev" in pairs:
        metric = pairs.get("metric", "")
        yield Route(
            prefix=prefix,
            gateway=pairs.get("via", ""),
            device=pairs["dev"],
            metric=int(metric) if metric.isdigit() else None,
            protocol=pairs.get("proto", ""),
        )


def _destination(word: str, line: str) -> str:
    if word == "default":
        return word
    try:
        return str(ipaddress.ip_network(word, strict=False))
    except ValueError:
        raise ParseError(f"ip route: not understood: {line[:200]!r}") from None


def _pairs(words: list[str], line: str) -> dict[str, str]:
    found: dict[str, str] = {}
    rest = [w for w in words if w not in _FLAGS]
    while rest:
        key = rest.pop(0)
        if key == "via" and rest and rest[0] in ("inet", "inet6"):
            rest.pop(0)
        if not rest:
            raise ParseError(f"ip route: {key!r} without a value: {line[:200]!r}")
        found.setdefault(key, rest.pop(0))
    if "via" in found:
        gateway = address(found["via"])
        if gateway is None:
            raise ParseError(f"ip route: not understood: {line[:200]!r}")
        found["via"] = str(gateway)
    return found


def _after(words: list[str], name: str) -> str:
    return words[words.index(name) + 1] if name in words[:-1] else ""
