"""Which port of a node its neighbour means, by the port id that it tells. Pure.

Source: LLDP port ids (IEEE 802.1AB-2016 clause 8.5.3) as Adjacency writes them, "mac ..." or "text ...", and CDP's. A text may
be an interface name, another name of the port, what somebody wrote on it, a vendor's short form of its name, or where it is
digits an interface index. What fits several ports means none of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from cmdb.cabling_evidence import BUNDLES, STACKED, Node, Port, Word
from cmdb.model.identity import mac

_NAME = re.compile(r"([a-z][a-z_-]*)\s*(\d[\w/.:-]*)\Z")
_DIGITS = re.compile(r"[0-9]{1,10}\Z")


def far_port(node: Node, word: Word) -> tuple[Port | None, str]:
    """The port of `node` that the word means, or why there is none."""
    kind, _, value = word.port_id.partition(" ")
    value = value.strip()
    described = word.port_description.strip()
    ports = list(node.ports.values())
    if not ports:
        return None, f"no port of {node.name or node.id} is known"
    if kind == "mac" and mac(value):
        found = by_mac(ports, value)
        by_description = [p for p in named(ports, described) if not found or p in found] if described else []
        found = found if len(found) == 1 else by_description or found
        return _only(found, node, word.port_id)
    if kind == "text" and value:
        found = named(ports, value)
        meant = named(ports, described) if described and not found else []
        numbered = [p for p in ports if p.index == int(value)] if not found and _DIGITS.match(value) else []
        if numbered and meant and not any(p in meant for p in numbered):
            return None, f"{word.port_id} is {numbered[0].name} by its index, and is described as {described}"
        found = found or [p for p in numbered if not meant or p in meant] or meant
        return _only(found, node, word.port_id)
    return None, f"{word.port_id or 'no port id'} tells no port"


def own_port(node: Node, name: str) -> Port | None:
    """The port of a node that it speaks of itself, by the name that one of its tables has for it."""
    if name in node.ports:
        return node.ports[name]
    found = named(list(node.ports.values()), name)
    return found[0] if len(found) == 1 else None


def by_mac(ports: Iterable[Port], address: str) -> list[Port]:
    """Ports that have a MAC: by that of their hardware, else by the one in use; those that can be plugged in first."""
    ways: tuple[Callable[[Port], str], ...] = (lambda p: p.own_mac, lambda p: p.mac)
    ports = list(ports)
    for way in ways:
        found = [p for p in ports if way(p) == address]
        plugged = [p for p in found if p.kind not in STACKED and p.kind not in BUNDLES]
        if plugged:
            return plugged
        if found:
            return [p for p in found if p.kind in BUNDLES] or found
    return []


def named(ports: Iterable[Port], text: str) -> list[Port]:
    """Ports that a text names: by the first of these ways in which it names any."""
    ports = list(ports)
    folded = text.strip().casefold()
    if not folded:
        return []
    ways: tuple[Callable[[Port], bool], ...] = (
        lambda p: p.name == text,
        lambda p: p.name.casefold() == folded,
        lambda p: p.description.casefold() == folded,
        lambda p: p.alias.casefold() == folded,
        lambda p: same_name(p.name, text) or same_name(p.description, text),
    )
    for way in ways:
        found = [p for p in ports if way(p)]
        if found:
            return found
    return []


def same_name(one: str, other: str) -> bool:
    """True of two writings of one interface name, as "Gi1/0/1" and "GigabitEthernet1/0/1": equal numbers, and the letters of
    one begin the letters of the other."""
    left, right = _NAME.match(one.strip().casefold()), _NAME.match(other.strip().casefold())
    if left is None or right is None or left[2] != right[2]:
        return False
    return left[1].startswith(right[1]) or right[1].startswith(left[1])


def _only(found: list[Port], node: Node, told: str) -> tuple[Port | None, str]:
    name = node.name or node.id
    if len(found) == 1:
        return found[0], ""
    if not found:
        return None, f"{name} has no port {told}"
    return None, f"{told} fits {len(found)} ports of {name}: {', '.join(sorted(p.name for p in found)[:5])}"
