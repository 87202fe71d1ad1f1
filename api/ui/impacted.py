"""The impact document (architecture.md section 5) for people: by level, with the path in words, and as a picture by distance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from api.encoders import visible
from api.ui.drawing import Drawing, Edge, Node, draw
from api.ui.picture import CAPTION, NAME, SHAPES
from api.ui.words import class_label, cut
from cmdb.impact_order import ordered
from cmdb.model.relationship_types import LEVELS
from cmdb.ports import View
from cmdb.states import Item

ROWS = 200
LANES = 5
MOST = 8
OPENED = 40
"""Members of an opened box that are drawn; the rest stays in it."""
LISTED = "#listed"


@dataclass(slots=True)
class Step:
    """A hop of a path: how trouble came to `name`; `rule` is empty at the start."""

    id: str
    name: str
    class_name: str
    rule: str


@dataclass(slots=True)
class Row:
    """An impacted CI."""

    id: str
    name: str
    class_name: str
    level: str
    rule: str
    on: str | None
    on_name: str | None
    steps: list[Step]


@dataclass(slots=True)
class Impacted:
    """One page of the answer, what is no part first. `counts` are of all of it, worst to mildest."""

    report: dict[str, Any]
    rows: list[Row]
    counts: dict[str, int]
    next: int | None
    drawing: Drawing


def told(
    view: View,
    report: dict[str, Any],
    start: int,
    address: Callable[[str], str],
    open_address: Callable[[str], str],
    opened: Collection[str] = (),
) -> Impacted:
    """Rows from `start` on with the names along their paths; `address` gives the impact page of a CI, `open_address` this page
    with a box of like ones open, as `opened` are."""
    page = ordered(report["impacted"])[start : start + ROWS]
    ids = {step["id"] for row in page for step in row["path"]} | {s["id"] for s in report["seeds"]}
    names = view.items(sorted(ids), report["revision"]) if ids else {}
    found = Counter(row["level"] for row in report["impacted"])
    more = start + ROWS if start + ROWS < len(report["impacted"]) else None
    return Impacted(
        report=report,
        rows=[_row(row, names) for row in page],
        counts={level: found[level] for level in reversed(LEVELS)},
        next=more,
        drawing=_drawing(report, address, open_address, opened),
    )


def _row(row: dict[str, Any], names: dict[str, Item]) -> Row:
    steps = [
        Step(
            step["id"],
            names[step["id"]].name if step["id"] in names else step["id"],
            names[step["id"]].class_name if step["id"] in names else "",
            step["rule"] or "",
        )
        for step in row["path"]
    ]
    return Row(row["id"], row["name"], row["class"], row["level"], row["rule"] or "", row["on"], row["on_name"], steps)


def _drawing(
    report: dict[str, Any],
    address: Callable[[str], str],
    open_address: Callable[[str], str] = lambda _: LISTED,
    opened: Collection[str] = (),
) -> Drawing:
    """By distance from the start; where a lane has too many, those of one class and level are one box. What trouble goes
    on from is shown by itself where that is not too much. Those of one host stand in a frame."""
    nodes: dict[str, Node] = {}
    box: dict[str, str] = {}
    for seed in [*report["seeds"], *report["down"]]:
        caption = "starts here" if seed in report["seeds"] else "down already"
        _put(nodes, box, seed, 0, "", caption, address(seed["id"]), False)
        for start in seed["starts"]:
            box.setdefault(start, seed["id"])
    lanes: dict[int, list[dict[str, Any]]] = {}
    groups: dict[str, str] = {}
    leads = {row["path"][-2]["id"] for row in report["impacted"] if len(row["path"]) > 1}
    for row in report["impacted"]:
        lanes.setdefault(min(len(row["path"]) - 1, LANES - 1), []).append(row)
    for lane, rows in sorted(lanes.items()):
        kinds = Counter((r["class"], r["level"]) for r in rows)
        hosts = Counter(row["on"] for row in rows if row["on"])
        room = dict.fromkeys(opened, OPENED)
        onward = [row["id"] for row in rows if row["id"] in leads]
        shown = set(onward if len(onward) <= MOST else ())
        for row in rows:
            key = f"{lane} {row['class']} {row['level']}"
            fold = len(rows) > MOST and kinds[row["class"], row["level"]] > 2 and row["id"] not in shown
            if fold and room.get(key, 0) > 0:
                room[key] -= 1
                fold = False
            to = LISTED if key in opened else open_address(key)
            framed = not fold and hosts[row["on"]] > 1
            caption = f"on {row['on_name']}" if row["on_name"] is not None and not framed else class_label(row["class"])
            _put(nodes, box, row, lane, row["level"], caption, to if fold else address(row["id"]), fold)
            if framed:
                nodes[row["id"]].group = row["on"]
                groups[row["on"]] = cut(f"on {visible(row['on_name'], 60)}", 30)
    edges: dict[tuple[str, str], Edge] = {}
    for row in report["impacted"]:
        ends = [box.get(step["id"], "") for step in row["path"][-2:]]
        if len(ends) == 2 and ends[0] != ends[1] and nodes[ends[1]].lane != nodes.get(ends[0], nodes[ends[1]]).lane:
            edges[ends[0], ends[1]] = Edge(ends[0], ends[1], "needs", row["rule"] or "")
    titles = ["Starts here", *(f"{n} hop{'s' if n > 1 else ''} away" for n in range(1, LANES - 1)), "Further away"]
    return draw(titles, list(nodes.values()), list(edges.values()), groups)


def _put(
    nodes: dict[str, Node],
    box: dict[str, str],
    row: dict[str, Any],
    lane: int,
    level: str,
    caption: str,
    href: str,
    fold: bool,
) -> None:
    key = f"{lane} {row['class']} {level}" if fold else row["id"]
    box[row["id"]] = key
    if key in nodes:
        nodes[key].count += 1
        nodes[key].about = f"{nodes[key].count} {class_label(row['class'], 2).lower()}"
        nodes[key].name = cut(nodes[key].about, NAME - 2)
        return
    label = class_label(row["class"])
    name = label if fold else visible(row["name"], 400)
    nodes[key] = Node(
        key=key,
        lane=lane,
        name=cut(name, NAME - 2),
        caption=cut(level.replace("_", " ") if fold else visible(caption), CAPTION),
        shape=SHAPES.get(row["class"], "part"),
        href=href,
        about=f"{name} ({label})",
        level=level,
        focus=not level,
    )
