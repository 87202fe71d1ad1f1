"""`surveymark hold`: legal holds, which keep the past of a scope from retention."""

from __future__ import annotations

import argparse
from typing import Any

from agent.terminal import Terminal
from api.cli import add_common
from api.connect import connected


def add(groups: Any) -> None:
    group = groups.add_parser("hold", help="legal holds: whose past retention must not touch")
    commands = group.add_subparsers(metavar="COMMAND", required=True)
    new = commands.add_parser("add", help="keep the past of what a query asks for, with all parts")
    new.add_argument("name", metavar="NAME", help="such as 'case 7'")
    new.add_argument("--scope", metavar="QUERY", required=True, help="what is held; '' is everything")
    new.set_defaults(run=hold)
    every = commands.add_parser("list", help="holds that are set")
    every.set_defaults(run=list_all)
    end = commands.add_parser("release", help="end a hold")
    end.add_argument("name", metavar="NAME")
    end.set_defaults(run=release)
    for command in (new, end):
        command.add_argument("--reason", metavar="TEXT", required=True, help="why, which history keeps")
        add_common(command)
    add_common(every, at=True)


def hold(options: argparse.Namespace, io: Terminal) -> int:
    with connected(options) as estate:
        made = estate.add_hold(options.name, options.scope, options.reason)
    if io.as_json:
        io.document(made)
    else:
        io.say(f"{made['name']} holds since revision {made['since']}: what it asks for is kept, whatever its age.")
    return 0


def list_all(options: argparse.Namespace, io: Terminal) -> int:
    with connected(options) as estate:
        found = estate.holds(options.at)
    if io.as_json:
        io.document(found)
    else:
        rows = [(h["name"], h["scope"], h["by"], h["since"], h["reason"]) for h in found["items"]]
        io.table(("hold", "scope", "by", "since", "reason"), rows)
        io.say(f"{len(rows)}, as of revision {found['revision']}.")
    return 0


def release(options: argparse.Namespace, io: Terminal) -> int:
    with connected(options) as estate:
        done = estate.release_hold(options.name, options.reason)
    if io.as_json:
        io.document(done)
    else:
        io.say(f"{done['name']} is released by revision {done['released']}.")
    return 0
