"""The layout of all pictures: boxes in layers from left to right, lines between them, frames around groups. Pure.

A layer is a lane with a heading. Lines that pass a lane get room in it, like ones side by side in a group get a frame, and the
order within a lane is one in which lines seldom cross (ordering.py). Lengths are SVG user units (CSS pixels at zoom 1).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from api.ui.ordering import Vertex, arrange

Shape = Literal[
    "host", "software", "endpoint", "part", "network", "record", "switch", "router", "firewall", "wlan", "device"
]
Kind = Literal["plain", "needs", "maybe", "confirmed", "one-sided", "inferred", "unknown", "segment"]

WIDTH, HEIGHT = 184, 46
GAP_X, GAP_Y = 60, 14
TOP, MARGIN = 40, 16
FRAME, FRAME_TOP = 9, 24
"""Room within a frame: at its sides and bottom, and above for its title."""
_BEND = 8
_SPREAD = 9


@dataclass(slots=True)
class Node:
    """A box: a CI, or `count` like ones. `level` marks an impacted one, `focus` the one that the picture is about, `seen` one
    that only others tell of. `group` names its frame."""

    key: str
    lane: int
    name: str
    caption: str
    shape: Shape
    href: str = ""
    about: str = ""
    count: int = 1
    level: str = ""
    focus: bool = False
    seen: bool = False
    group: str = ""
    x: int = 0
    y: int = 0


@dataclass(slots=True)
class Edge:
    """A line from one node to another, with an arrow at its end where it says who needs whom; a link's kind is its proof, and
    `count` how many it stands for."""

    source: str
    target: str
    kind: Kind = "plain"
    about: str = ""
    count: int = 1
    path: str = ""


@dataclass(slots=True)
class Lane:
    """A column's heading."""

    title: str
    x: int = 0


@dataclass(slots=True)
class Frame:
    """Around the boxes of one group in one lane."""

    title: str
    x: int
    y: int
    width: int
    height: int


@dataclass(slots=True)
class Drawing:
    """All that is needed to write the SVG."""

    lanes: list[Lane]
    nodes: list[Node]
    edges: list[Edge]
    width: int = 0
    height: int = 0
    shapes: list[Shape] = field(default_factory=list)
    """Those that occur, for the legend."""
    frames: list[Frame] = field(default_factory=list)

    @property
    def kinds(self) -> set[str]:
        return {edge.kind for edge in self.edges}


def draw(
    titles: Sequence[str], nodes: list[Node], edges: Sequence[Edge], groups: Mapping[str, str] | None = None
) -> Drawing:
    """Lays nodes out; lanes without a node are left out. Edges whose ends are not both there are left out too. `groups` are
    titles of frames by the group of their nodes."""
    used = sorted({n.lane for n in nodes})
    place = {lane: index for index, lane in enumerate(used)}
    by_key = {n.key: n for n in nodes}
    kept = [e for e in edges if e.source in by_key and e.target in by_key]
    layers: list[list[Vertex]] = [[] for _ in used]
    boxes: dict[str, Vertex] = {}
    for node in nodes:
        boxes[node.key] = Vertex(place[node.lane], HEIGHT, node.group)
        layers[place[node.lane]].append(boxes[node.key])
    bends = [_chain(boxes[e.source], boxes[e.target], layers) for e in kept]
    arrange(layers, _apart)
    _settle(layers)
    for node in nodes:
        node.x = MARGIN + place[node.lane] * (WIDTH + GAP_X)
        node.y = round(boxes[node.key].middle) - HEIGHT // 2
    _route(kept, bends, by_key)
    lanes = [Lane(titles[lane], MARGIN + place[lane] * (WIDTH + GAP_X)) for lane in used]
    nodes = sorted(nodes, key=lambda n: (n.lane, n.y))  # the order in which the keyboard goes through them
    frames = _frames(nodes, groups or {})
    bottom = max([*(n.y + HEIGHT for n in nodes), *(f.y + f.height for f in frames), TOP]) + MARGIN
    right = MARGIN * 2 + len(used) * WIDTH + max(len(used) - 1, 0) * GAP_X
    arcs = any(by_key[e.source].lane == by_key[e.target].lane == used[-1] for e in kept)
    return Drawing(
        lanes, nodes, kept, right + (GAP_X // 2 if arcs else 0), bottom, sorted({n.shape for n in nodes}), frames
    )


def _apart(upper: Vertex, lower: Vertex) -> int:
    """From middle to middle of two neighbours in a lane."""
    gap = (upper.height + lower.height) // 2 + (GAP_Y if upper.height == lower.height == HEIGHT else GAP_Y // 2)
    if upper.group != lower.group:
        gap += (FRAME if upper.group else 0) + (FRAME_TOP if lower.group else 0)
    return gap


def _chain(source: Vertex, target: Vertex, layers: list[list[Vertex]]) -> list[Vertex]:
    """Joins two vertices, by a bend in each layer that lies between them; returns the bends from source to target."""
    left, right = (source, target) if source.layer <= target.layer else (target, source)
    if left.layer == right.layer:
        return []
    bends = [Vertex(layer, _BEND) for layer in range(left.layer + 1, right.layer)]
    for bend in bends:
        layers[bend.layer].append(bend)
    way = [left, *bends, right]
    for one, other in itertools.pairwise(way):
        one.behind.append(other)
        other.before.append(one)
    return bends if left is source else bends[::-1]


def _settle(layers: list[list[Vertex]]) -> None:
    """Whole numbers, everything below the headings, no gap smaller than it was."""
    tops = [v.middle - v.height / 2 - (FRAME_TOP if v.group else 0) for layer in layers for v in layer]
    shift = TOP - min(tops, default=0)
    for layer in layers:
        last: Vertex | None = None
        for vertex in layer:
            vertex.middle = float(round(vertex.middle + shift))
            if last is not None:
                vertex.middle = max(vertex.middle, last.middle + _apart(last, vertex))
            last = vertex


def _route(edges: list[Edge], bends: list[list[Vertex]], by_key: dict[str, Node]) -> None:
    """The paths of lines (SVG 2, section 9.3); at each side of a box they are spread in the order of where they go to."""
    sides: dict[tuple[str, bool], list[tuple[float, int, bool]]] = {}
    for number, edge in enumerate(edges):
        source, target = by_key[edge.source], by_key[edge.target]
        if source.lane != target.lane:
            forward = source.lane < target.lane
            way = bends[number]
            sides.setdefault((edge.source, forward), []).append((way[0].middle if way else target.y, number, True))
            sides.setdefault((edge.target, not forward), []).append(
                (way[-1].middle if way else source.y, number, False)
            )
    heights: dict[tuple[int, bool], int] = {}
    for (key, _), ends in sides.items():
        ends.sort()
        step = min(_SPREAD, (HEIGHT - 12) / max(len(ends) - 1, 1))
        for place, (_, number, at_source) in enumerate(ends):
            heights[number, at_source] = round(by_key[key].y + HEIGHT / 2 + (place - (len(ends) - 1) / 2) * step)
    for number, edge in enumerate(edges):
        source, target = by_key[edge.source], by_key[edge.target]
        if source.lane == target.lane:
            edge.path = _beside(source, target)
            continue
        forward = source.lane < target.lane
        x, y = source.x + (WIDTH if forward else 0), heights[number, True]
        path = [f"M{x} {y}"]
        turn = (GAP_X if forward else -GAP_X) // 2
        for bend in bends[number]:
            left = MARGIN + bend.layer * (WIDTH + GAP_X)
            enter, leave = (left, left + WIDTH) if forward else (left + WIDTH, left)
            middle = round(bend.middle)
            path.append(f"C{x + turn} {y} {enter - turn} {middle} {enter} {middle}H{leave}")
            x, y = leave, middle
        end_x, end_y = target.x + (0 if forward else WIDTH), heights[number, False]
        path.append(f"C{x + turn} {y} {end_x - turn} {end_y} {end_x} {end_y}")
        edge.path = "".join(path)


def _beside(source: Node, target: Node) -> str:
    """Within a lane: straight down to the next box, around those between otherwise."""
    upper, lower = (source, target) if source.y <= target.y else (target, source)
    if lower.y - upper.y <= HEIGHT + GAP_Y * 2:
        x = source.x + WIDTH // 2
        return f"M{x} {upper.y + HEIGHT}V{lower.y}"
    x, bend = source.x + WIDTH, source.x + WIDTH + GAP_X // 2
    a, b = source.y + HEIGHT // 2, target.y + HEIGHT // 2
    return f"M{x} {a}C{bend} {a} {bend} {b} {x} {b}"


def _frames(nodes: list[Node], titles: Mapping[str, str]) -> list[Frame]:
    grouped: dict[tuple[int, str], list[Node]] = {}
    for node in nodes:
        if node.group:
            grouped.setdefault((node.lane, node.group), []).append(node)
    found = []
    for (_, group), some in sorted(grouped.items()):
        top, bottom = min(n.y for n in some), max(n.y for n in some) + HEIGHT
        height = bottom - top + FRAME_TOP + FRAME - 2
        found.append(Frame(titles.get(group, group), some[0].x - FRAME, top - FRAME_TOP + 2, WIDTH + 2 * FRAME, height))
    return found
