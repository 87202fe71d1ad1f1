"""Commands of change and incident records, which are alike."""

from __future__ import annotations

import argparse
from typing import Any

from agent.terminal import Terminal
from api.cli import add_common
from api.connect import connected
from api.encoders import visible


def add_group(groups: Any, kind: str) -> None:
    """The group of one kind, "change" or "incident"."""
    group = groups.add_parser(kind, help=f"{kind} records, kept here or in any ITSM tool")
    commands = group.add_subparsers(metavar="COMMAND", required=True)
    one_of = "an incident record" if kind == "incident" else "a change record"
    new = commands.add_parser("add", help=f"make {one_of}, or add to one")
    new.add_argument("--title", help="short description")
    new.add_argument("--link", metavar="URL", help="where the tool shows it")
    new.add_argument("--start", metavar="TIME", help="start of the window, ISO 8601 with offset")
    new.add_argument("--end", metavar="TIME", help="end of the window, exclusive")
    new.add_argument(
        "--ci", action="append", dest="cis", metavar="CI", help="what it affects, an id or a query (again for more)"
    )
    new.add_argument("--pin", action="append", dest="pins", metavar="DIGEST", help="a document that was looked at")
    new.add_argument("--impact", action="store_true", default=None, help="pin the impact of what it affects")
    new.add_argument("--drift", action="append", metavar="BASELINE", help="pin the drift from a baseline")
    new.set_defaults(run=add)
    one = commands.add_parser("show", help=f"{one_of}, with a summary to paste into the ticket")
    one.set_defaults(run=show)
    for command in (new, one):
        command.add_argument("key", metavar="KEY", help="INSTANCE/NUMBER, or NUMBER where one instance has it")
        command.set_defaults(kind=kind)
    add_common(new)
    add_common(one, at=True)


def add(options: argparse.Namespace, io: Terminal) -> int:
    """Add to a record."""
    names = ("title", "link", "start", "end", "cis", "pins", "impact", "drift")
    said = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    with connected(options) as estate:
        _told(estate.add_record(options.kind, options.key, said), io)
    return 0


def show(options: argparse.Namespace, io: Terminal) -> int:
    """Show a record."""
    with connected(options) as estate:
        _told(estate.record(options.kind, options.key, options.at), io)
    return 0


def _told(found: dict[str, Any], io: Terminal) -> None:
    if io.as_json:
        io.document(found)
    else:
        for line in found["summary"].rstrip("\n").split("\n"):
            io.line(visible(line))
