"""`surveymark impact`: what breaks if these go."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from typing import Any

from agent.terminal import Terminal
from api.cli import add_common
from api.connect import connected
from api.encoders import dot, visible
from api.resolve import the_one
from cmdb.impact_order import Line, lines

_COLOURS = {"outage": "#a3182c", "degraded": "#9a4a00", "at_risk": "#6b5300", "possible": "#2f5d9b"}
"""By level, as the pages have them."""


def add(groups: Any) -> None:
    command = groups.add_parser("impact", help="what breaks if these go")
    command.add_argument("cis", nargs="+", metavar="CI", help="ids, or queries that match one item each")
    command.add_argument(
        "--down", action="append", default=[], metavar="CI", help="what is down already (again for more)"
    )
    command.add_argument("--keep", action="store_true", help="keep the report as a document, and say its digest")
    command.add_argument("--format", choices=("table", "dot"), default="table", help="dot: paths for graphviz")
    add_common(command, at=True)
    command.set_defaults(run=run)


def run(options: argparse.Namespace, io: Terminal) -> int:
    with connected(options) as estate:
        ids = [the_one(estate, text, options.at) for text in options.cis]
        down = [the_one(estate, text, options.at) for text in options.down]
        found = estate.impact(ids, down, options.at, options.keep)
    if io.as_json:
        io.document(found)
    elif options.format == "dot":
        io.line("\n".join(_dot(found)))
    else:
        _table(found, io)
    if options.keep and not io.as_json:
        io.say(f"Kept as document {found['document']}")
    return 0


def _table(found: dict[str, Any], io: Terminal) -> None:
    names = {row["id"]: row["name"] for row in [*found["seeds"], *found["down"], *found["impacted"]]}
    told_rows = lines(found["impacted"])
    io.table(("level", "class", "name", "on", "path"), [_row(line, names) for line in told_rows])
    if any(line.count > 1 for line in told_rows):
        io.line("Parts that are alike are one line with their number; --json lists each.")
    for row in found["outside"]:
        io.line(f"Not followed: {row['class']} {visible(row['name'])}: {visible(row['reason'])}")
    for note in found.get("notes", ()):
        io.line(visible(note))
    told = "complete" if found["complete"] else f"NOT complete, {found['left_out']} more are reached"
    counts = Counter(row["level"] for row in found["impacted"])
    levels = ", ".join(f"{counts[level]} {level.replace('_', ' ')}" for level in _COLOURS if counts[level])
    by_level = f" ({levels})" if levels else ""
    io.line(f"{len(found['impacted'])} impacted{by_level} at revision {found['revision']}, {told}.")


def _row(line: Line, names: dict[str, str]) -> tuple[str, ...]:
    row = line.row
    name = row["name"] if line.count == 1 else f"{line.count} of them"
    return row["level"], row["class"], name, row["on_name"] or "", "" if line.count > 1 else _path(row, names)


def _path(row: dict[str, Any], names: dict[str, str]) -> str:
    """The way that trouble takes, from its start."""
    steps = [
        f"{step['type'] + ' ' if step['type'] else ''}{visible(names.get(step['id'], step['id']), 60)}"
        for step in row["path"]
    ]
    return " > ".join(steps)


def _dot(found: dict[str, Any]) -> Iterator[str]:
    yield "digraph impact {"
    labels = {row["id"]: f"{row['class']} {row['name']}" for row in [*found["seeds"], *found["down"]]}
    colours = {row["id"]: _COLOURS[row["level"]] for row in found["impacted"]}
    labels.update({row["id"]: f"{row['class']} {row['name']} ({row['level']})" for row in found["impacted"]})
    for id_, label in sorted(labels.items()):
        colour = f" color={dot(colours[id_])} penwidth=2" if id_ in colours else ""
        yield f"  {dot(id_)} [label={dot(label)}{colour}];"
    edges = set()
    for row in found["impacted"]:
        for one, other in zip(row["path"], row["path"][1:], strict=False):
            edges.add((one["id"], other["id"], other["type"]))
    for source, target, type_ in sorted(edges):
        yield f"  {dot(source)} -> {dot(target)} [label={dot(type_)}];"
    yield "}"
