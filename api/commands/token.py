"""`surveymark token`: access tokens for the API, the page and agents."""

from __future__ import annotations

import argparse
from typing import Any

from agent.terminal import Terminal
from api.cli import add_common
from api.connect import connected


def add(groups: Any) -> None:
    group = groups.add_parser("token", help="access tokens")
    commands = group.add_subparsers(metavar="COMMAND", required=True)
    new = commands.add_parser("create", help="make a token; its secret is printed this once")
    new.add_argument("name", metavar="NAME", help="who uses it")
    new.add_argument(
        "--role",
        action="append",
        dest="roles",
        metavar="ROLE",
        help="reader (default), operator, agent, collector, enrol or admin",
    )
    new.add_argument("--expires", default="90d", metavar="WHEN", help="12h, 90d (default), 2w, 1y, a time, or never")
    new.add_argument("--source", help="what an agent's token may report as")
    new.add_argument("--count", type=int, metavar="N", help="with --role enrol: how many agents (1)")
    new.add_argument(
        "--network",
        action="append",
        dest="networks",
        metavar="CIDR",
        help="with --role enrol: from where, as 10.0.0.0/8 (again for more; from anywhere)",
    )
    new.add_argument("--approve", action="store_true", help="with --role enrol: each agent waits for an operator")
    new.set_defaults(run=create)
    every = commands.add_parser("list", help="all tokens, without their secrets")
    every.set_defaults(run=list_all)
    end = commands.add_parser("revoke", help="end a token")
    end.add_argument("id", metavar="ID")
    end.set_defaults(run=revoke)
    for command in (new, every, end):
        add_common(command)


def create(options: argparse.Namespace, io: Terminal) -> int:
    enrolling = None
    if options.count is not None or options.networks or options.approve or options.roles == ["enrol"]:
        count = 1 if options.count is None else options.count
        enrolling = {"count": count, "networks": options.networks or [], "approve": options.approve}
    with connected(options, create=True) as estate:
        roles = options.roles or ["reader"]
        made = estate.create_token(options.name, roles, options.expires, options.source, enrolling)
    if io.as_json:
        io.document(made)
    else:
        io.say(
            f"Token {made['id']} for {made['name']}, {', '.join(made['roles'])}, until {made['expires_at'] or 'revoked'}."
        )
        io.say("This is the only time that it is shown; keep it in a file that only its user may read.")
        io.line(made["token"])
    return 0


def list_all(options: argparse.Namespace, io: Terminal) -> int:
    with connected(options) as estate:
        found = estate.list_tokens()
    if io.as_json:
        io.document(found)
    else:
        rows = [
            (t["id"], t["name"], t["roles"], t["state"], t["expires_at"] or "never", t["source"], t["created_by"])
            for t in found["items"]
        ]
        io.table(("id", "name", "roles", "state", "expires", "source", "created by"), rows)
    return 0


def revoke(options: argparse.Namespace, io: Terminal) -> int:
    with connected(options) as estate:
        ended = estate.revoke_token(options.id)
    if io.as_json:
        io.document(ended)
    else:
        io.say(f"Token {ended['id']} for {ended['name']} is revoked.")
    return 0
