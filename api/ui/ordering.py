"""Where vertices of a layered drawing go: their order within each layer, so that lines seldom cross, and their height.

After Sugiyama, Tagawa and Toda (1981): layers are given; barycentres of neighbours order them in sweeps from one side to the
other, of which the order with the fewest crossings stays; heights then are the nearest to those of the neighbours that keep the
order and the gaps (isotonic regression by pooling adjacent violators). The same input always gives the same answer.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right, insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

SWEEPS = 8
_LAST = 1e9


@dataclass(slots=True, eq=False)
class Vertex:
    """A box, or a bend of a line that passes through a layer. `group` keeps those of one group side by side."""

    layer: int
    height: int
    group: str = ""
    before: list[Vertex] = field(default_factory=list)
    """Neighbours in the layer before."""
    behind: list[Vertex] = field(default_factory=list)
    middle: float = 0.0
    place: int = 0


Gap = Callable[[Vertex, Vertex], int]
"""Distance of the middles of two vertices, one below the other."""


def arrange(layers: Sequence[list[Vertex]], gap: Gap) -> None:
    """Orders the vertices within each layer and sets their `middle`."""
    best = [_gathered(layer) for layer in layers]
    _number(best)
    fewest = _crossings(best)
    work = [list(layer) for layer in best]
    for sweep in range(SWEEPS):
        if not fewest:
            break
        down = sweep % 2 == 0
        for layer in work[1:] if down else work[-2::-1]:
            _sort(layer, down)
            _number([layer])
        crossed = _crossings(work)
        if crossed < fewest:
            fewest, best = crossed, [list(layer) for layer in work]
    for layer, order in zip(layers, best, strict=True):
        layer[:] = order
    _number(layers)
    _level(layers, gap)


def _gathered(layer: list[Vertex]) -> list[Vertex]:
    """The layer as it is, but each group together where its first member stands."""
    first: dict[str, int] = {}
    for place, vertex in enumerate(layer):
        first.setdefault(vertex.group or f"\0{place}", place)
    places = [first[v.group or f"\0{place}"] for place, v in enumerate(layer)]
    return [layer[place] for place in sorted(range(len(layer)), key=lambda p: (places[p], p))]


def _number(layers: Sequence[list[Vertex]]) -> None:
    for layer in layers:
        for place, vertex in enumerate(layer):
            vertex.place = place


def _sort(layer: list[Vertex], down: bool) -> None:
    """By the mean place of the neighbours on one side; a group goes by the mean of its members."""
    own: dict[Vertex, float] = {}
    groups: dict[str, list[float]] = {}
    for vertex in layer:
        near = vertex.before if down else vertex.behind
        own[vertex] = sum(n.place for n in near) / len(near) if near else _LAST
        if vertex.group:
            groups.setdefault(vertex.group, []).append(own[vertex])
    means = {group: sum(found) / len(found) for group, found in groups.items()}
    layer.sort(key=lambda v: (means.get(v.group, own[v]), v.group, own[v], v.place))


def _crossings(layers: Sequence[list[Vertex]]) -> int:
    """How many pairs of lines cross, layer by layer."""
    total = 0
    for layer in layers[:-1]:
        ends: list[int] = []
        for vertex in layer:
            behind = sorted(n.place for n in vertex.behind)
            for place in behind:
                total += len(ends) - bisect_right(ends, place)
            for place in behind:
                insort(ends, place)
    return total


def _level(layers: Sequence[list[Vertex]], gap: Gap) -> None:
    """Heights: first stacked around one line, then drawn to the neighbours from either side in turn."""
    for layer in layers:
        offsets = _offsets(layer, gap)
        for vertex, offset in zip(layer, offsets, strict=True):
            vertex.middle = offset - (offsets[-1] / 2)
    for sweep in range(SWEEPS):
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            wanted = []
            for vertex in layer:
                near = [*vertex.before, *vertex.behind]
                wanted.append(sum(n.middle for n in near) / len(near) if near else vertex.middle)
            for vertex, height in zip(layer, spaced(wanted, _offsets(layer, gap)), strict=True):
                vertex.middle = height


def _offsets(layer: list[Vertex], gap: Gap) -> list[float]:
    found = [0.0] if layer else []
    for upper, lower in itertools.pairwise(layer):
        found.append(found[-1] + gap(upper, lower))
    return found


def spaced(wanted: Sequence[float], offsets: Sequence[float]) -> list[float]:
    """Heights nearest to those wanted (least squares) that keep the order and stand as far apart as the offsets do."""
    pools: list[tuple[float, int]] = []
    for height, offset in zip(wanted, offsets, strict=True):
        total, count = height - offset, 1
        while pools and pools[-1][0] / pools[-1][1] >= total / count:
            last, size = pools.pop()
            total, count = total + last, count + size
        pools.append((total, count))
    found: list[float] = []
    for total, count in pools:
        found += [total / count + offset for offset in offsets[len(found) : len(found) + count]]
    return found
