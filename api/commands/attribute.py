"""`surveymark attribute`: attributes that a store's people declare themselves."""

from __future__ import annotations

import argparse
from typing import Any

from agent.terminal import Terminal
from api.cli import add_common
from api.connect import connected
from api.encoders import visible

TYPES = ("string", "integer", "boolean", "list")


def add(groups: Any) -> None:
    group = groups.add_parser("attribute", help="attributes of your own: searched, with history, in baselines")
    commands = group.add_subparsers(metavar="COMMAND", required=True)
    new = commands.add_parser("add", help="declare an attribute of a class")
    new.add_argument("name", metavar="NAME", help="small letters, digits and _, as in cost_center")
    new.add_argument("--class", dest="class_name", metavar="CLASS", required=True, help="class that gets it: Host")
    new.add_argument("--type", dest="type_name", choices=TYPES, default="string", help="what its values are (string)")
    new.add_argument("--text", default="", help="what it means, in a sentence")
    new.add_argument("--reason", metavar="TEXT", default="declared", help="why, which history keeps")
    new.set_defaults(run=declare)
    every = commands.add_parser("list", help="those that were declared")
    every.set_defaults(run=list_all)
    end = commands.add_parser("remove", help="take one back, and its values with it; the past keeps them")
    end.add_argument("name", metavar="NAME")
    end.add_argument("--class", dest="class_name", metavar="CLASS", required=True, help="class that has it")
    end.add_argument("--reason", metavar="TEXT", required=True, help="why, which history keeps")
    end.set_defaults(run=remove)
    for command in (new, end):
        add_common(command)
    add_common(every, at=True)


def declare(options: argparse.Namespace, io: Terminal) -> int:
    said = {"type": options.type_name, "text": options.text, "reason": options.reason}
    with connected(options) as estate:
        made = estate.add_attribute(options.class_name, options.name, said)
    if io.as_json:
        io.document(made)
    else:
        io.say(
            f"{made['class']}.{made['name']} ({made['type']}) is there since revision {made['since']}: "
            f"ci set 'class:{made['class']} ...' {made['name']}=..."
        )
    return 0


def list_all(options: argparse.Namespace, io: Terminal) -> int:
    with connected(options) as estate:
        found = estate.attributes(options.at)
    if io.as_json:
        io.document(found)
    else:
        rows = [(a["class"], a["name"], a["type"], a["since"], a["text"]) for a in found["items"]]
        io.table(("class", "name", "type", "since", "meaning"), rows)
        io.say(f"{len(rows)}, as of revision {found['revision']}.")
    return 0


def remove(options: argparse.Namespace, io: Terminal) -> int:
    with connected(options) as estate:
        ended = estate.remove_attribute(options.class_name, options.name, options.reason)
    if io.as_json:
        io.document(ended)
    else:
        io.say(f"{visible(ended['class'])}.{visible(ended['name'])} is gone, and {ended['values']} values with it.")
    return 0
