"""`ci merge` and `ci split`: two items that are one, and one that is two (docs/conflicts.md)."""

from __future__ import annotations

import argparse
from typing import Any

from agent.terminal import Terminal
from api.cli import add_common
from api.connect import connected
from api.encoders import visible
from api.resolve import the_one


def add(commands: Any) -> None:
    one = commands.add_parser("merge", help="make one item of two that are one; reversible with split")
    one.add_argument("ci", metavar="SURVIVOR", help="the item that keeps its id: an id, or a query that matches one")
    one.add_argument("other", metavar="OTHER", help="the item whose id leads to the survivor from then on")
    one.set_defaults(run=merge)
    two = commands.add_parser("split", help="undo a merge, or make an item of what some sources report of another one")
    two.add_argument("ci", metavar="CI", help="the id that was merged, or the item that is two")
    two.add_argument(
        "--source", action="append", default=[], dest="sources", metavar="SOURCE", help="what this one reports leaves"
    )
    two.set_defaults(run=split)
    for command in (one, two):
        command.add_argument("--reason", metavar="TEXT", required=True, help="why, which history keeps")
        add_common(command)


def merge(options: argparse.Namespace, io: Terminal) -> int:
    with connected(options) as estate:
        done = estate.merge(the_one(estate, options.ci), the_one(estate, options.other), options.reason)
    if io.as_json:
        io.document(done)
    else:
        io.say(f"{done['merged']} is part of {done['ci']} since revision {done['revision']}, and its id leads there.")
        io.say(f"To undo it: surveymark ci split {done['merged']} --reason TEXT")
    return 0


def split(options: argparse.Namespace, io: Terminal) -> int:
    with connected(options) as estate:
        done = estate.split(the_one(estate, options.ci), options.reason, options.sources)
    if io.as_json:
        io.document(done)
    else:
        what = f"what {visible(', '.join(options.sources))} reports of" if options.sources else "a CI again, beside"
        io.say(f"{done['split']} is {what} {done['ci']} since revision {done['revision']}.")
    return 0
