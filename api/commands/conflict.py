"""`surveymark conflict`: what of identities people have to decide (docs/conflicts.md)."""

from __future__ import annotations

import argparse
from typing import Any

from agent.terminal import Terminal
from api.cli import add_common
from api.connect import connected
from api.encoders import visible


def add(groups: Any) -> None:
    group = groups.add_parser("conflict", help="what of identities people have to decide")
    commands = group.add_subparsers(metavar="COMMAND", required=True)
    every = commands.add_parser("list", help="open conflicts, subjects in quarantine too")
    every.add_argument("--all", action="store_true", help="those that are resolved too")
    every.add_argument("--limit", type=int, default=100, help="conflicts on a page, at most 1000 (100)")
    every.add_argument("--cursor", help="go on behind the page that ended with this")
    every.set_defaults(run=list_all)
    one = commands.add_parser("show", help="a conflict with the ways to resolve it")
    one.add_argument("number", metavar="N", help="its number")
    one.set_defaults(run=show)
    for command in (every, one):
        add_common(command, at=True)
    end = commands.add_parser("resolve", help="do what a proposal says, and close the conflict")
    end.add_argument("number", metavar="N", help="its number")
    end.add_argument("--as", dest="proposal", metavar="PROPOSAL", required=True, help="one that `conflict show` names")
    end.add_argument("--reason", metavar="TEXT", required=True, help="why, which history keeps")
    end.set_defaults(run=resolve)
    add_common(end)


def list_all(options: argparse.Namespace, io: Terminal) -> int:
    with connected(options) as estate:
        found = estate.conflicts(options.all, options.at, options.cursor, options.limit)
    if io.as_json:
        io.document(found)
        return 0
    rows = [
        (c["number"], c["state"], c["kind"], c["source"], " ".join(ci["id"] for ci in c["cis"][:3]), c["reason"])
        for c in found["items"]
    ]
    io.table(("number", "state", "kind", "source", "items", "reason"), rows)
    where = " on this page" if found["total"] is None else ""
    io.say(f"{len(rows)} conflicts{'' if options.all else ' are open'}{where}, as of revision {found['revision']}.")
    if found["next"]:
        io.say(f"More with --cursor {found['next']}")
    return 0


def show(options: argparse.Namespace, io: Terminal) -> int:
    with connected(options) as estate:
        found = estate.conflict(options.number, options.at)
    if io.as_json:
        io.document(found)
        return 0
    io.line(f"Conflict {found['number']}, {found['kind']}, {found['state']}")
    io.pairs([("source", found["source"]), ("since", f"revision {found['since']}"), ("reason", found["reason"])])
    if found["cis"]:
        io.line("\nconfiguration items")
        io.table(("class", "name", "id", "state"), [(c["class"], c["name"], c["id"], c["state"]) for c in found["cis"]])
    if found["identifiers"]:
        io.line("\nidentifiers")
        for identifier in found["identifiers"]:
            io.line(visible(identifier))
    if "subject" in found:
        io.line(f"\nwhat the {visible(found['subject']['class'])} brought")
        io.table(("mark", "value"), sorted(found["subject"]["identifiers"].items()))
    if found.get("more"):
        io.line("\nThere are more than are listed here.")
    if found["resolution"]:
        io.line("\nresolution")
        io.pairs(sorted(found["resolution"].items()))
    else:
        io.line("\nproposals")
        io.table(("--as", "what it does"), [(p["name"], p["text"]) for p in found["proposals"]])
    return 0


def resolve(options: argparse.Namespace, io: Terminal) -> int:
    with connected(options) as estate:
        found = estate.resolve_conflict(options.number, options.proposal, options.reason)
    if io.as_json:
        io.document(found)
    else:
        io.say(f"Conflict {found['number']} is resolved as {visible(found['resolution']['as'])}.")
    return 0
