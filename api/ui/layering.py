"""Tiers of a network, read from what is plugged into what: ends, access, what joins access, and so on up to the core.

Hosts (and other ends) are tier 0, a device is one tier above the nearest end that it leads to. What stands where no way between
two ends leads through it is either the edge of the network (a router or firewall, and what has something behind it) and goes on
top, or a switch on which nothing was seen yet and goes below what it is plugged into. Where there is no end at all, tiers are
distances from the centre.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

Near = Mapping[str, Collection[str]]


@dataclass(frozen=True, slots=True)
class Tiers:
    """`of` is the tier of every linked node, from 0 at the ends; `titles` are headings from the highest tier down."""

    of: dict[str, int]
    titles: list[str]


def tiers(nodes: Sequence[str], near: Near, ends: Collection[str], outer: Collection[str]) -> Tiers:
    """Tiers of nodes that have a neighbour. `ends` are what nothing leads through, `outer` what may stand at the edge."""
    found: dict[str, int] = {}
    inner = 0
    for part in _parts(nodes, near):
        here = [n for n in part if n in ends]
        if here and len(here) < len(part):
            own, joins = _above(part, near, here, outer)
            inner = max([inner, *(own[n] for n in joins)])
        else:
            own = _from_centre(part, near)
        found.update(own)
    top = max(found.values(), default=0)
    return Tiers(found, _titles(top, inner or top, any(n in ends for n in found)))


def _above(part: list[str], near: Near, ends: list[str], outer: Collection[str]) -> tuple[dict[str, int], set[str]]:
    found = distances(part, near, ends)
    joins = _between(part, near, ends)
    for node in sorted(part, key=lambda n: (found[n], n)):
        if found[node] and node not in joins and node not in outer and all(found[n] <= found[node] for n in near[node]):
            lower = [n for n in near[node] if found[n] < found[node]]
            if lower and all(n in joins and found[n] >= 2 for n in lower):
                found[node] = min(found[n] for n in lower) - 1
    return found, joins or {n for n in part if found[n]}


def distances(part: Iterable[str], near: Near, starts: Iterable[str]) -> dict[str, int]:
    """Links from the nearest start; a start's own is 0."""
    inside = set(part)
    found = dict.fromkeys(starts, 0)
    waiting = deque(found)
    while waiting:
        node = waiting.popleft()
        for far in near.get(node, ()):
            if far in inside and far not in found:
                found[far] = found[node] + 1
                waiting.append(far)
    return found


def _between(part: list[str], near: Near, ends: list[str]) -> set[str]:
    """Nodes that a shortest way between two ends leads through (after Brandes: by what depends on a node from each end)."""
    found: set[str] = set()
    last = set(ends)
    for start in ends:
        away = distances(part, near, [start])
        leads = {n for n in last if n != start}
        for node in sorted(away, key=lambda n: -away[n]):
            if node in leads and node != start:
                before = [n for n in near[node] if away[n] == away[node] - 1 and n != start]
                found.update(before)
                leads.update(before)
    return found - last


def _from_centre(part: list[str], near: Near) -> dict[str, int]:
    """Tiers of a part of the network without ends: the nodes from which nothing is far are on top."""
    away = {node: max(distances(part, near, [node]).values()) for node in part}
    least = min(away.values())
    found = distances(part, near, [n for n in part if away[n] == least])
    depth = max(found.values())
    return {node: depth - distance + 1 for node, distance in found.items()}


def _parts(nodes: Sequence[str], near: Near) -> list[list[str]]:
    """Nodes that hang together, each part in the order given."""
    order = {node: place for place, node in enumerate(nodes)}
    left = dict.fromkeys(n for n in nodes if near.get(n))
    found: list[list[str]] = []
    while left:
        part = distances(order, near, [next(iter(left))])
        for node in part:
            left.pop(node, None)
        found.append(sorted(part, key=order.__getitem__))
    return found


def _titles(top: int, inner: int, ends: bool) -> list[str]:
    if not ends:
        return ["Centre", *(f"{n} link{'s' if n > 1 else ''} away" for n in range(1, top + 1))]
    names = ["Hosts", "Access"]
    names += ["Core"] if inner == 2 else ["Distribution"] * (inner - 2) + (["Core"] if inner > 2 else [])
    names += ["Edge"] + [""] * top
    return names[top::-1]
