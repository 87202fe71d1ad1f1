"""`surveymark retention`: how long values of the past are kept; for ever unless an age is set."""

from __future__ import annotations

import argparse
import re
from typing import Any

from agent.terminal import Terminal
from api.cli import add_common
from api.connect import connected
from cmdb.model.errors import UsageError


def add(groups: Any) -> None:
    group = groups.add_parser(
        "retention", help="how long the past is kept: for ever, unless an age is set (docs/retention.md)"
    )
    commands = group.add_subparsers(metavar="COMMAND", required=True)
    new = commands.add_parser("set", help="set the age by which past values are freed, or take it back")
    new.add_argument("--age", metavar="DAYS", required=True, help="such as 400d; off takes it back")
    new.add_argument("--class", dest="class_name", metavar="CLASS", help="of one class only (all others and relations)")
    new.add_argument("--reason", metavar="TEXT", required=True, help="why, which history keeps")
    new.set_defaults(run=set_age)
    every = commands.add_parser("show", help="ages that are set, and horizons that were reached")
    every.set_defaults(run=show)
    free = commands.add_parser("run", help="free now what is older; the schedule does it daily")
    free.add_argument("--dry-run", action="store_true", help="say what would be freed, and free nothing")
    free.set_defaults(run=run)
    for command in (new, every, free):
        add_common(command)


def set_age(options: argparse.Namespace, io: Terminal) -> int:
    days = None if options.age == "off" else _days(options.age)
    with connected(options) as estate:
        found = estate.set_retention(days, options.class_name, options.reason)
    return _shown(found, io)


def show(options: argparse.Namespace, io: Terminal) -> int:
    with connected(options) as estate:
        found = estate.retention()
    return _shown(found, io)


def run(options: argparse.Namespace, io: Terminal) -> int:
    with connected(options) as estate:
        found = estate.run_retention(options.dry_run)
    if io.as_json:
        io.document(found)
        return 0
    would = "would be " if options.dry_run else ""
    io.say(
        f"{found['states']} states and {found['links']} relations of the past {would}freed, {found['bytes']} bytes of values; "
        f"{found['held']} kept by a hold."
    )
    return 0


def _shown(found: dict[str, Any], io: Terminal) -> int:
    if io.as_json:
        io.document(found)
        return 0
    horizons = {h["class"]: f"revision {h['revision']}, {h['at']}" for h in found["horizons"]}
    ages = {a["class"]: f"{a['days']}d" for a in found["ages"]}
    names = sorted({*ages, *horizons}, key=lambda name: (name is None, name))
    io.table(
        ("class", "age", "freed up to"), [(n or "all others", ages.get(n, "off"), horizons.get(n, "")) for n in names]
    )
    if not names:
        io.say("No age is set: the past is kept for ever.")
    return 0


def _days(text: str) -> int:
    found = re.fullmatch(r"([0-9]{1,5})d", text)
    if not found:
        raise UsageError(f"An age is a number of days such as 400d, or off; not {text!r:.40}.")
    return int(found[1])
