"""`surveymark agent list`, `approve`, `rotate`, `revoke`, `ask`: the agents that were enrolled, from the server's side."""

from __future__ import annotations

import argparse
from typing import Any

from agent.terminal import Terminal
from api.cli import add_common
from api.encoders import visible

MOST = 1000
"""Agents that are asked for at once."""
WISHES = ("full_report", "pass_now")


def add(commands: Any) -> None:
    every = commands.add_parser("list", help="agents that were enrolled")
    every.set_defaults(run=list_all)
    approve = commands.add_parser("approve", help="let a pending agent report")
    approve.add_argument(
        "--replace", action="store_true", help="end the agents that were enrolled with identifiers of its host"
    )
    approve.set_defaults(run=let_report)
    rotate = commands.add_parser("rotate", help="have an agent take a new secret")
    rotate.set_defaults(run=renew)
    revoke = commands.add_parser("revoke", help="end an agent's key")
    revoke.add_argument("--reason", default="", metavar="TEXT", help="why; kept")
    revoke.set_defaults(run=end)
    ask = commands.add_parser("ask", help="ask an agent for a full report, or a pass now")
    ask.set_defaults(run=wish)
    for command in (approve, rotate, revoke, ask):
        command.add_argument("id", metavar="ID", help="an agent's id, as `agent list` shows it")
    ask.add_argument("what", choices=WISHES, help="full_report or pass_now")
    for command in (every, approve, rotate, revoke, ask):
        add_common(command)


def list_all(options: argparse.Namespace, io: Terminal) -> int:
    from api.connect import connected

    with connected(options) as estate:
        found = estate.agents(limit=MOST)
        while found["next"]:
            more = estate.agents(found["next"], MOST)
            found = {**more, "items": [*found["items"], *more["items"]]}
    if io.as_json:
        io.document(found)
        return 0
    columns = ("id", "name", "state", "version", "host", "last seen", "secret ends", "asked", "reason")
    rows = [
        (
            a["id"],
            a["name"],
            a["state"],
            a["version"] or "",
            a["ci"] or "",
            a["seen_at"] or "never",
            a["secret_ends_at"] or "",
            a["asked"],
            a["reason"],
        )
        for a in found["items"]
    ]
    io.table(columns, rows)
    return 0


def let_report(options: argparse.Namespace, io: Terminal) -> int:
    from api.connect import connected

    with connected(options) as estate:
        found = estate.approve_agent(options.id, options.replace)
    return _said(found, io, "may report")


def renew(options: argparse.Namespace, io: Terminal) -> int:
    from api.connect import connected

    with connected(options) as estate:
        found = estate.rotate_agent(options.id)
    return _said(found, io, f"has until {found['secret_ends_at']} to take a new secret, which it does by itself")


def end(options: argparse.Namespace, io: Terminal) -> int:
    from api.connect import connected

    with connected(options) as estate:
        found = estate.revoke_agent(options.id, options.reason)
    return _said(found, io, "is revoked")


def wish(options: argparse.Namespace, io: Terminal) -> int:
    from api.connect import connected

    with connected(options) as estate:
        found = estate.ask_agent(options.id, options.what)
    return _said(found, io, f"is asked for {options.what} when it next comes")


def _said(found: dict[str, Any], io: Terminal, what: str) -> int:
    if io.as_json:
        io.document(found)
    else:
        io.say(f"Agent {found['id']} of {visible(found['name'])} {what}.")
    return 0
