"""Where the boxes and lines of a picture go: lanes from left to right, each a column. Pure; the template makes SVG of it.

A node's place in its column follows the nodes that it is joined to in the column before, so that lines seldom cross.
Lengths are in SVG user units (CSS pixels at zoom 1).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Shape = Literal["host", "software", "endpoint", "part", "network", "record", "unknown"]

WIDTH, HEIGHT = 184, 46
GAP_X, GAP_Y = 46, 14
TOP, MARGIN = 40, 12


@dataclass(slots=True)
class Node:
    """A box: a CI, or `count` like ones. `level` marks an impacted one, `focus` the one that the picture is about."""

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
    x: int = 0
    y: int = 0


@dataclass(slots=True)
class Edge:
    """A line from one node to another, with an arrow at its end where it says who needs whom."""

    source: str
    target: str
    kind: Literal["plain", "needs", "maybe"] = "plain"
    about: str = ""
    path: str = ""


@dataclass(slots=True)
class Lane:
    """A column's heading."""

    title: str
    x: int = 0


@dataclass(slots=True)
class Drawing:
    """All that the template needs."""

    lanes: list[Lane]
    nodes: list[Node]
    edges: list[Edge]
    width: int = 0
    height: int = 0
    shapes: list[Shape] = field(default_factory=list)
    """Those that occur, for the legend."""


def draw(titles: list[str], nodes: list[Node], edges: list[Edge]) -> Drawing:
    """Lays nodes out; lanes without a node are left out. Edges whose ends are not both there are left out too."""
    used = sorted({n.lane for n in nodes})
    place = {lane: index for index, lane in enumerate(used)}
    by_key = {n.key: n for n in nodes}
    kept = [e for e in edges if e.source in by_key and e.target in by_key]
    columns: list[list[Node]] = [[n for n in nodes if n.lane == lane] for lane in used]
    widest = max(range(len(columns)), key=lambda i: len(columns[i]), default=0)
    for row, node in enumerate(columns[widest] if columns else []):
        node.y = TOP + row * (HEIGHT + GAP_Y)
    done = {n.key for n in columns[widest]} if columns else set()
    for index in [*range(widest + 1, len(columns)), *range(widest - 1, -1, -1)]:
        _settle(columns[index], kept, by_key, done)
        done |= {n.key for n in columns[index]}
    lowest = min((n.y for n in nodes), default=TOP)
    for node in nodes:
        node.x = MARGIN + place[node.lane] * (WIDTH + GAP_X)
        node.y += TOP - lowest
    for edge in kept:
        edge.path = _path(by_key[edge.source], by_key[edge.target])
    lanes = [Lane(titles[lane], MARGIN + place[lane] * (WIDTH + GAP_X)) for lane in used]
    bottom = max((n.y for n in nodes), default=TOP) + HEIGHT + MARGIN
    right = MARGIN * 2 + len(used) * WIDTH + max(len(used) - 1, 0) * GAP_X
    return Drawing(lanes, nodes, kept, right, bottom, sorted({n.shape for n in nodes}))


def _settle(column: list[Node], edges: list[Edge], by_key: dict[str, Node], done: set[str]) -> None:
    """Puts each node at the mean height of what it is joined to, and moves them apart where they would overlap."""
    wanted: dict[str, float] = {}
    for order, node in enumerate(column):
        joined = [e.target if e.source == node.key else e.source for e in edges if node.key in (e.source, e.target)]
        heights = [by_key[k].y for k in joined if k in done]
        wanted[node.key] = sum(heights) / len(heights) if heights else 1e6 + order
    step, y = HEIGHT + GAP_Y, float("-inf")
    for node in sorted(column, key=lambda n: wanted[n.key]):
        want = wanted[node.key]
        y = max(want, y + step) if want < 1e6 else (y + step if y > float("-inf") else TOP)
        node.y = round(y)
    # What was pushed down goes back up by half of that on the mean, so that a column stays level with its neighbours.
    placed = [n for n in column if wanted[n.key] < 1e6]
    if placed:
        shift = round(sum(n.y - wanted[n.key] for n in placed) / len(placed))
        for node in column:
            node.y -= shift


def _path(source: Node, target: Node) -> str:
    """A curve between the facing sides of two boxes (SVG 2, section 9.3)."""
    if source.lane == target.lane:
        x, bend = source.x + WIDTH, source.x + WIDTH + GAP_X // 2
        a, b = source.y + HEIGHT // 2, target.y + HEIGHT // 2
        return f"M{x} {a}C{bend} {a} {bend} {b} {x} {b}"
    forward = source.x < target.x
    x1 = source.x + (WIDTH if forward else 0)
    x2 = target.x + (0 if forward else WIDTH)
    y1, y2 = source.y + HEIGHT // 2, target.y + HEIGHT // 2
    middle = (x1 + x2) // 2
    return f"M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}"
