"""`surveymark doctor`: is everything sound, and what mends what is not."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from agent.terminal import Terminal
from api.cli import add_common
from api.connect import connected


def add(groups: Any) -> None:
    command = groups.add_parser("doctor", help="is everything sound; status 1 where it is not")
    command.add_argument(
        "--chain",
        action="store_true",
        help="verify the whole store against its revisions, and name the first place that differs",
    )
    command.add_argument(
        "--anchor",
        metavar="FILE",
        help="compare the store with a file of anchors (surveymark anchor); use it with --chain",
    )
    add_common(command)
    command.set_defaults(run=run)


def run(options: argparse.Namespace, io: Terminal) -> int:
    with connected(options) as estate:
        found = estate.doctor(options.chain, io.progress, Path(options.anchor) if options.anchor else None)
    io.done()
    if io.as_json:
        io.document(found)
    else:
        rows = [(c["outcome"], c["check"], c["detail"], c["remedy"]) for c in found["checks"]]
        io.table(("outcome", "check", "detail", "remedy"), rows)
    return 1 if found["findings"] else 0
