"""Cables that tables of resolved addresses (ARP, IPv6's neighbour discovery) give away: of a routed port to one other. Pure.

A subnet of two addresses (/30 of RFC 950, /31 of RFC 3021, /127 of RFC 6164) has room for both ends of one wire and nobody else.
Where a port has no other subnets than such, all that it resolved there is one MAC, and the interface with that MAC has
the other address itself, the two are on one wire. In a larger subnet an address that was resolved tells nothing: a router
talks to few of those that stand behind a switch. A forwarding table that shows either end tells of a switch between them.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_interface

from cmdb.cabling_evidence import Node, Port
from cmdb.model.identity import mac

Address = IPv4Address | IPv6Address


def only_neighbour(port: Port) -> tuple[str, set[str]] | None:
    """The one MAC that a port resolved, and the addresses that it has in subnets which have room for nobody else; None where
    there is no such."""
    macs = {address for _, text in port.resolved if (address := mac(text))}
    others = far_addresses(port)
    if len(macs) != 1 or not others:
        return None
    told = {text for text, _ in port.resolved if text in others}
    return (macs.pop(), told) if told else None


def far_addresses(port: Port) -> set[str]:
    """Addresses that the other end of its wire may have; none where one of its subnets has room for more."""
    found: set[str] = set()
    for text in port.addresses:
        try:
            own = ip_interface(text)
        except ValueError:
            return set()
        if own.ip.is_link_local:
            continue
        left = own.max_prefixlen - own.network.prefixlen
        if left == 1:
            found.update(str(each) for each in (own.network[0], own.network[1]) if each != own.ip)
        elif left == 2 and own.version == 4 and own.ip in (own.network[1], own.network[2]):
            found.update(str(each) for each in (own.network[1], own.network[2]) if each != own.ip)
        else:
            return set()
    return found


def own_addresses(port: Port) -> set[str]:
    """Without the lengths of their prefixes."""
    return {text.partition("/")[0] for text in port.addresses}


def switched(nodes: Iterable[Node]) -> set[str]:
    """MACs that a forwarding table shows."""
    return {station for node in nodes for port in node.ports.values() for station in port.stations or ()}
