"""Commands that edit what people say: shown first, then asked for, then done exactly as it was shown."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from agent.terminal import Terminal
from api.cli import add_common
from api.connect import connected
from api.encoders import shown, visible
from api.estate import Estate
from cmdb.model.errors import UsageError

SAMPLE = 20
"""Changes that are shown to a person; --json has more."""


def add_options(command: argparse.ArgumentParser) -> None:
    """What every edit is told: why, and whether to ask."""
    command.add_argument("--reason", metavar="TEXT", required=True, help="why, which history keeps")
    command.add_argument("--dry-run", action="store_true", help="show what would change, and change nothing")
    command.add_argument("--yes", action="store_true", help="do it without asking")
    add_common(command)


def add_set(commands: Any) -> None:
    """`ci set`."""
    command = commands.add_parser("set", help="set what people say of items: owner, lifecycle, own attributes")
    command.add_argument("query", metavar="QUERY", help="which items, as one argument: 'class:Host name:web*'")
    command.add_argument(
        "values", nargs="*", metavar="NAME=VALUE", help="owner=web-team 'lifecycle=in use' tags=pci,dmz"
    )
    command.add_argument("--unset", action="append", default=[], metavar="NAME", help="an attribute to take back")
    add_options(command)
    command.set_defaults(run=set_values)


def set_values(options: argparse.Namespace, io: Terminal) -> int:
    return edited(options, io, {"set": pairs(options.values), "unset": options.unset})


def edited(options: argparse.Namespace, io: Terminal, said: dict[str, Any]) -> int:
    """Show what the words would change, have that confirmed, and do it."""
    said = {**said, "reason": options.reason}
    with connected(options) as estate:
        found = estate.edit(options.query, {**said, "dry_run": True})
        if not options.dry_run:
            # Also where no state changes: a word that agrees with another source's is kept beside it.
            if found["changed"]:
                confirm(options, io, found)
            found = _done(estate, options.query, said, found)
    if io.as_json:
        io.document(found)
    else:
        if options.dry_run or options.yes:
            show(io, found)
        io.say(summary(found))
    return 0


def _done(estate: Estate, query: str, said: dict[str, Any], shown_before: dict[str, Any]) -> dict[str, Any]:
    return estate.edit(query, {**said, "expect": shown_before["digest"]})


def confirm(options: argparse.Namespace, io: Terminal, found: dict[str, Any]) -> None:
    """Raises UsageError where a person does not want it, or nobody can be asked."""
    if options.yes:
        return
    if io.as_json or not sys.stdin.isatty():
        raise UsageError(f"{summary(found)} Nobody can be asked here: --yes does it, --dry-run shows it.")
    show(io, found)
    io.say(summary(found))
    if input("Do it? [y/N] ").strip().lower() not in ("y", "yes"):
        raise UsageError("Nothing was changed.")


def show(io: Terminal, found: dict[str, Any]) -> None:
    """A sample of what changes: one line an attribute."""
    rows = [
        (ci["class"], ci["name"], row["attribute"], _value(row["before"]), _value(row["after"]))
        for ci in found["items"]
        for row in ci["changes"]
    ]
    io.table(("class", "name", "attribute", "before", "after"), rows[:SAMPLE])
    if len(rows) > SAMPLE or found["left_out"]:
        io.line(f"... and more; --json shows {len(found['items'])} items of {found['changed']}")


def summary(found: dict[str, Any]) -> str:
    done = "would change" if found["dry_run"] else "changed"
    where = f", in revision {found['revision']}" if found["revision"] else ""
    return f"{found['matched']} matched, {found['changed']} {done}, {found['unchanged']} as they are{where}."


def pairs(written: Sequence[str]) -> dict[str, str]:
    """NAME=VALUE, each name once."""
    found: dict[str, str] = {}
    for word in written:
        name, sign, value = word.partition("=")
        if not sign or not name:
            raise UsageError(f"{visible(word, 80)!r} is no NAME=VALUE, as in owner=web-team.")
        if name in found:
            raise UsageError(f"{visible(name, 80)} is set twice.")
        found[name] = value
    return found


def _value(value: Any) -> str:
    return "(absent)" if value is None else shown(value)
