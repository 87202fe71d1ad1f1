"""`surveymark freshness`: have time change now what the schedule would change within the hour."""

from __future__ import annotations

import argparse
from typing import Any

from agent.terminal import Terminal
from api.cli import add_common
from api.connect import connected


def add(groups: Any) -> None:
    command = groups.add_parser(
        "freshness", help="find what nobody has seen for long: stale items, silent sources, flows (docs/absence.md)"
    )
    command.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
    add_common(command)
    command.set_defaults(run=run)


def run(options: argparse.Namespace, io: Terminal) -> int:
    with connected(options) as estate:
        found = estate.freshness(options.dry_run)
    if io.as_json:
        io.document(found)
        return 0
    would = "would be " if options.dry_run else ""
    io.say(
        f"{found['stale']} {would}stale, {found['current']} {would}current again, {found['changed']} {would}changed by "
        f"another source's word, {found['flows']} flows {would}ended; {found['subjects']} looked at."
    )
    return 0
