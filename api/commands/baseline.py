"""`surveymark baseline`: what was agreed."""

from __future__ import annotations

import argparse
from typing import Any

from agent.terminal import Terminal
from api.cli import add_common
from api.connect import connected
from api.encoders import visible


def add(groups: Any) -> None:
    group = groups.add_parser("baseline", help="freeze a state, have it approved, verify it")
    commands = group.add_subparsers(metavar="COMMAND", required=True)
    new = commands.add_parser("create", help="freeze what a query matches")
    new.add_argument("--scope", metavar="QUERY", required=True, help="what is frozen (docs/query.md); '' is everything")
    new.set_defaults(run=create)
    yes = commands.add_parser("approve", help="approve what a digest shows")
    yes.add_argument("--digest", metavar="D", required=True, help="the digest that was shown to you")
    yes.add_argument("--self", metavar="REASON", dest="self_reason", help="why you approve what you created yourself")
    yes.set_defaults(run=approve)
    every = commands.add_parser("list", help="all baselines")
    every.set_defaults(run=list_all)
    one = commands.add_parser("show", help="a baseline")
    one.set_defaults(run=show)
    check = commands.add_parser("verify", help="is every value what was frozen; status 1 where one is not")
    check.set_defaults(run=verify)
    for command in (new, yes, one, check):
        command.add_argument("name", metavar="NAME")
    add_common(new, at=True)
    for command in (yes, every, one, check):
        add_common(command)


def create(options: argparse.Namespace, io: Terminal) -> int:
    with connected(options) as estate:
        found = estate.create_baseline(options.name, options.scope, options.at)
    _told(found, io)
    if not io.as_json:
        io.say(f"Look at it, then: surveymark baseline approve {options.name} --digest {found['digest']}")
    return 0


def approve(options: argparse.Namespace, io: Terminal) -> int:
    with connected(options) as estate:
        _told(estate.approve_baseline(options.name, options.digest, options.self_reason), io)
    return 0


def list_all(options: argparse.Namespace, io: Terminal) -> int:
    with connected(options) as estate:
        found = estate.baselines()
    if io.as_json:
        io.document(found)
    else:
        rows = [(b["name"], _state(b), b["as_of"], b["created_by"], b["scope"]) for b in found["items"]]
        io.table(("name", "state", "as of", "created by", "scope"), rows)
    return 0


def show(options: argparse.Namespace, io: Terminal) -> int:
    with connected(options) as estate:
        _told(estate.baseline(options.name), io)
    return 0


def verify(options: argparse.Namespace, io: Terminal) -> int:
    with connected(options) as estate:
        found = estate.verify_baseline(options.name)
    if io.as_json:
        io.document(found)
    elif found["sound"]:
        io.line(f"Sound: {found['items']} states in {found['documents']} documents are what was frozen.")
    else:
        io.line(f"NOT what was frozen: {len(found['problems'])} problems.")
        rows = [(p["problem"], p.get("item"), p.get("attribute"), p.get("document")) for p in found["problems"]]
        io.table(("problem", "item", "attribute", "document"), rows)
    return 0 if found["sound"] else 1


def _told(found: dict[str, Any], io: Terminal) -> None:
    if io.as_json:
        io.document(found)
        return
    io.line(f"Baseline {visible(found['name'])}")
    io.pairs(
        [
            ("state", _state(found)),
            ("scope", found["scope"] or "everything"),
            ("as of", f"{found['as_of']}, revision {found['revision']}"),
            ("created", f"{found['created_at']} by {found['created_by']}"),
            ("holds", found["counts"]),
            ("digest", found["digest"]),
        ]
    )
    approval = found["approval"]
    if approval:
        io.pairs(
            [("approved", f"{approval['approved_at']} by {approval['approved_by']}"), ("reason", approval["reason"])]
        )


def _state(found: dict[str, Any]) -> str:
    if found["approval"] and found["approval"]["self_approved"]:
        return f"{found['state']} (self-approved)"
    return str(found["state"])
