"""`surveymark topology`: what is plugged into what."""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import Any

from agent.terminal import Terminal
from api.cli import add_common
from api.connect import connected
from api.encoders import visible, visible_json

_ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}\Z")


def add(groups: Any) -> None:
    command = groups.add_parser("topology", help="what is plugged into what, with proof")
    command.add_argument("cis", nargs="*", metavar="CI", help="ids or queries from which on; all of it without any")
    command.add_argument("--depth", type=int, metavar="N", help="how many links far from these; to the end without")
    command.add_argument(
        "--class",
        dest="classes",
        action="append",
        default=[],
        choices=("Host", "NetworkDevice"),
        help="only nodes of this class (again for more)",
    )
    command.add_argument(
        "--most", type=int, metavar="N", help="boxes above which like nodes become one (5000, in a picture 120)"
    )
    command.add_argument(
        "--format",
        choices=("table", "svg", "json", "graphml", "dot"),
        default="table",
        help="svg: a picture; graphml, dot: for other tools",
    )
    command.add_argument("--output", metavar="FILE", help="write there, not to standard output")
    add_common(command, at=True)
    command.set_defaults(run=run)


def run(options: argparse.Namespace, io: Terminal) -> int:
    ids = [text for text in options.cis if _ID.match(text)]
    queries = [text for text in options.cis if not _ID.match(text)]
    most = None if options.format == "svg" else options.most
    with connected(options) as estate:
        found = estate.topology(ids, queries, options.depth, options.classes, most, options.at)
    wanted = "json" if io.as_json else options.format
    if wanted == "table" and options.output is None:
        _table(found, io)
    else:
        _write(_text(found, wanted, options.most), options.output, io)
    io.say(_told(found))
    return 0


def _text(found: dict[str, Any], wanted: str, most: int | None) -> str:
    if wanted == "json":
        return visible_json(json.dumps(found, ensure_ascii=False, indent=2)) + "\n"
    if wanted == "svg":
        from api.ui.cabling import MOST, picture
        from api.ui.svg import standalone

        return standalone(picture(found, MOST if most is None else most), "What is plugged into what")
    from api.graph_files import dot_lines, graphml

    if wanted == "table":
        return "".join("\t".join(row) + "\n" for row in (_HEADS, *_rows(found)))
    return "\n".join((graphml if wanted == "graphml" else dot_lines)(found)) + "\n"


def _write(text: str, output: str | None, io: Terminal) -> None:
    if output is None:
        io.line(text.removesuffix("\n"))
    else:
        Path(output).write_text(text, encoding="utf-8")
        io.say(f"Written to {output}.")


_HEADS = ("a", "port", "b", "port", "proof", "links", "evidence")


def _table(found: dict[str, Any], io: Terminal) -> None:
    io.table(_HEADS, _rows(found))
    alone = sum(node["count"] for node in found["nodes"] if not node["linked"])
    if alone:
        io.line(f"No link is known of {alone} more.")


def _rows(found: dict[str, Any]) -> list[tuple[str, ...]]:
    names = {node["id"]: node["name"] for node in found["nodes"]}
    rows = [
        (
            visible(names[link["a"]["id"]]),
            visible(link["a"]["port"] or ""),
            visible(names[link["b"]["id"]]),
            visible(link["b"]["port"] or ""),
            visible(link["proof"] or "unknown"),
            str(link["count"]),
            visible(link["evidence"] or ""),
        )
        for link in found["links"]
    ]
    return sorted(rows)


def _told(found: dict[str, Any]) -> str:
    nodes = sum(node["count"] for node in found["nodes"])
    links = sum(link["count"] for link in found["links"]) + sum(n.get("links_within") or 0 for n in found["nodes"])
    left, boxes = found["left_out"], found["collapsed"]
    whole = (
        "complete" if found["complete"] else f"NOT complete: {left['nodes']} nodes and {left['links']} links left out"
    )
    folded = f", {boxes['nodes']} of them in {boxes['boxes']} boxes" if boxes["boxes"] else ""
    outside = "".join(f" Not on the map: {visible(row['name'], 80)}: {row['reason']}." for row in found["outside"])
    several = f", {boxes['links']} of them in rows or boxes of several" if boxes["links"] else ""
    return f"{nodes} nodes{folded}, {links} links{several} at revision {found['revision']}, {whole}.{outside}"
