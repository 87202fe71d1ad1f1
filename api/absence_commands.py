"""`ci retire` and `ci restore`: by hand, with a reason."""

from __future__ import annotations

import argparse
from typing import Any

from agent.terminal import Terminal
from api.cli import add_common
from api.connect import connected
from api.resolve import the_one


def add(commands: Any) -> None:
    gone = commands.add_parser("retire", help="say that an item is gone, and all that it consists of")
    gone.set_defaults(run=retire)
    back = commands.add_parser("restore", help="bring back what was retired by hand, as it was")
    back.set_defaults(run=restore)
    for command, what in ((gone, "an id, or a query that matches one item"), (back, "the id of a retired item")):
        command.add_argument("ci", metavar="CI", help=what)
        command.add_argument("--reason", metavar="TEXT", required=True, help="why, which history keeps")
        add_common(command)


def retire(options: argparse.Namespace, io: Terminal) -> int:
    with connected(options) as estate:
        done = estate.retire(the_one(estate, options.ci, None), options.reason)
    return _told(done, io)


def restore(options: argparse.Namespace, io: Terminal) -> int:
    with connected(options) as estate:
        done = estate.restore(options.ci, options.reason)
    return _told(done, io)


def _told(done: dict[str, Any], io: Terminal) -> int:
    if io.as_json:
        io.document(done)
    else:
        io.say(
            f"{done['id']} is {done['state']} since revision {done['revision']}: "
            f"{done['items']} items, {done['relations']} relations."
        )
    return 0
