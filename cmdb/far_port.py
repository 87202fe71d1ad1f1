"""Which port of a node its neighbour means, by the port id that it tells. Pure.

Source: LLDP port ids (IEEE 802.1AB-2016 clause 8.5.3) as Adjacency writes them, "mac ..." or "text ...", and CDP's. A text may
be an interface name, another name of the port, what somebody wrote on it, a vendor's short form of its name, or where it is
digits an interface index. What fits several ports means none of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from cmdb.cabling_evidence import Node, Port, Word, spelling
from cmdb.model.identity import mac

_DIGITS = re.compile(r"[0-9]{1,10}\Z")


def far_port(node: Node, word: Word) -> tuple[Port | None, str]:
    """The port of `node` that the word means, or why there is none."""
    kind, _, value = word.port_id.partition(" ")
    value = value.strip()
    described = word.port_description.strip()
    if not node.ports:
        return None, f"no port of {node.name or node.id} is known"
    ports = node.lookup
    if kind == "mac" and mac(value):
        found = ports.by_mac(value)
        if len(found) != 1 and described:
            meant = ports.named(described)
            found = (ports.common(meant, found) if found else meant) or found
        return _only(found, node, word.port_id)
    if kind == "text" and value:
        found = ports.named(value)
        meant = ports.named(described) if described and not found else ()
        numbered = ports.by_index.get(int(value), ()) if not found and _DIGITS.match(value) else ()
        both = ports.common(numbered, meant)
        if numbered and meant and not both:
            return None, f"{word.port_id} is {numbered[0].name} by its index, and is described as {described}"
        found = found or (both if meant else numbered) or meant
        return _only(found, node, word.port_id)
    return None, f"{word.port_id or 'no port id'} tells no port"


def same_name(one: str, other: str) -> bool:
    """True of two writings of one interface name, as "Gi1/0/1" and "GigabitEthernet1/0/1": equal numbers, and the letters of
    one begin the letters of the other."""
    left, right = spelling(one), spelling(other)
    if left is None or right is None or left[1] != right[1]:
        return False
    return left[0].startswith(right[0]) or right[0].startswith(left[0])


def _only(found: Sequence[Port], node: Node, told: str) -> tuple[Port | None, str]:
    name = node.name or node.id
    if len(found) == 1:
        return found[0], ""
    if not found:
        return None, f"{name} has no port {told}"
    return None, f"{told} fits {len(found)} ports of {name}: {', '.join(p.name for p in found[:5])}"
