"""`surveymark links`: derive now what is plugged into what, and say of which words no link could be made."""

from __future__ import annotations

import argparse
from typing import Any

from agent.terminal import Terminal
from api.cli import add_common
from api.connect import connected
from api.encoders import visible


def add(groups: Any) -> None:
    command = groups.add_parser(
        "links", help="derive links from what neighbours say and switches learn (docs/topology.md)"
    )
    command.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
    add_common(command)
    command.set_defaults(run=run)


def run(options: argparse.Namespace, io: Terminal) -> int:
    with connected(options) as estate:
        found = estate.derive_links(options.dry_run)
    if io.as_json:
        io.document(found)
        return 0
    if found["unplaced"]:
        rows = [(visible(row["name"]), visible(row["port"]), visible(row["why"])) for row in found["unplaced"]]
        io.table(("host or device", "port", "why there is no link"), rows)
    left = found["unplaced_count"] - len(found["unplaced"])
    if left:
        io.line(f"and {left} more")
    proofs = ", ".join(f"{count} {proof}" for proof, count in found["links"].items())
    what = f"{found['created']} new, {found['updated']} changed, {found['retired']} ended"
    if found["dry_run"]:
        what = f"those of {found['updated']} hosts and devices would change"
    io.say(f"Links: {proofs}; {what}.")
    return 0
