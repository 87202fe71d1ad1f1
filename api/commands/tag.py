"""`surveymark tag`: words that people put on items."""

from __future__ import annotations

import argparse
from typing import Any

from agent.terminal import Terminal
from api.cli import add_common
from api.connect import connected
from api.edit_commands import add_options, edited


def add(groups: Any) -> None:
    group = groups.add_parser("tag", help="words that people put on items; `tag:WORD` in a query finds them")
    commands = group.add_subparsers(metavar="COMMAND", required=True)
    on = commands.add_parser("add", help="put tags on all items that a query matches")
    on.set_defaults(run=put_on)
    off = commands.add_parser("remove", help="take tags off all items that a query matches")
    off.set_defaults(run=take_off)
    for command in (on, off):
        command.add_argument("query", metavar="QUERY", help="which items, as one argument: 'class:Host name:web*'")
        command.add_argument("tags", nargs="+", metavar="TAG", help="pci")
        add_options(command)
    every = commands.add_parser("list", help="tags in use, and on how many items")
    every.set_defaults(run=list_all)
    add_common(every, at=True)


def put_on(options: argparse.Namespace, io: Terminal) -> int:
    return edited(options, io, {"tag": options.tags})


def take_off(options: argparse.Namespace, io: Terminal) -> int:
    return edited(options, io, {"untag": options.tags})


def list_all(options: argparse.Namespace, io: Terminal) -> int:
    with connected(options) as estate:
        found = estate.tags(options.at)
    if io.as_json:
        io.document(found)
    else:
        io.table(("tag", "items"), [(row["tag"], row["count"]) for row in found["items"]])
        io.say(f"{len(found['items'])} tags, as of revision {found['revision']}.")
    return 0
