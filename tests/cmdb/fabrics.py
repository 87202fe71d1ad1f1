"""Fabrics made up for tests of links: nodes with ports and what neighbours say, in few words."""

from __future__ import annotations

from typing import Any

from cmdb.cabling import Cabling, cabling
from cmdb.cabling_evidence import Estate, Node, Port, Word


def port(node: str, name: str, **parts: Any) -> Port:
    return Port(f"{node}/{name}", name, **{"kind": "physical", **parts})


def switch(name: str, *ports: Port, mac: str = "", words: tuple[Word, ...] = (), **parts: Any) -> Node:
    """A device that told its chassis id itself."""
    identifiers = (f"chassis {mac}",) if mac else ()
    given = {"identifiers": identifiers, "ports": {p.name: p for p in ports}, "words": words, **parts}
    return Node(name, "NetworkDevice", name, **given)


def host(name: str, *ports: Port, words: tuple[Word, ...] = (), **parts: Any) -> Node:
    """A host, known by the MACs of its ports."""
    macs = sorted({p.mac for p in ports if p.mac})
    identifiers = tuple(f"{scheme} {m}" for scheme in ("chassis", "port") for m in macs)
    given = {"identifiers": identifiers, "ports": {p.name: p for p in ports}, "words": words, **parts}
    return Node(name, "Host", name, **given)


def lldp(local: str, chassis: str, port_id: str = "", **parts: Any) -> Word:
    return Word("lldp", local, chassis=chassis, port_id=port_id, **parts)


def links(*nodes: Node, **parts: Any) -> set[tuple[str, str, str, str]]:
    """(subject, type, object, proof)."""
    return told(derived(*nodes, **parts))


def derived(*nodes: Node, shared: tuple[str, ...] = (), **parts: Any) -> Cabling:
    return cabling(Estate(nodes, shared), **parts)


def told(made: Cabling) -> set[tuple[str, str, str, str]]:
    return {(c.subject, c.type, c.object, c.proof) for c in made.cables}


def why(made: Cabling) -> list[str]:
    return [u.why for u in made.unplaced]
