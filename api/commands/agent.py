"""`surveymark agent`: what this host reports of itself, and the agents of a server.

Runs on Python 3.9 with psutil alone, as far as `--print` goes.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

from agent.command_line import add as add_resident
from agent.command_line import add_once
from agent.discovery import discover_once, lines
from agent.printing import failures as failures_here
from agent.printing import print_report
from agent.report import Report
from agent.terminal import Terminal
from api.agent_commands import add as add_enrolled
from api.cli import add_common
from api.encoders import visible
from api.state import state
from cmdb.model.errors import SurveymarkError


def add(groups: Any) -> None:
    group = groups.add_parser("agent", help="report this host, and agents that were enrolled")
    commands = group.add_subparsers(metavar="COMMAND", required=True)
    once = add_once(commands)
    add_common(once)
    once.set_defaults(run=run)
    add_resident(commands)
    add_enrolled(commands)


def run(options: argparse.Namespace, io: Terminal) -> int:
    """Look once; hand in, or print."""
    if options.only_print:
        found = discover_once(state(), _known_key(options), io.progress)
        io.done()
        print_report(found, io)
        failed = failures(found)
    else:
        from api.connect import connected

        with connected(options, create=True) as estate:
            found = discover_once(state(), estate.digest_key(), io.progress)
            io.progress("handing in")
            receipt = estate.submit(b"".join(lines(found)))
            estate.derive_links_of_what_came()
        io.done()
        failed = failures(found, receipt)
        _told(receipt, failed, io)
        if receipt["quarantined"]:
            return 3
    return 3 if failed and options.strict else 0


def failures(found: Report, receipt: dict[str, Any] | None = None) -> list[str]:
    """A sentence for every section that failed here, or was refused by the receiver."""
    refused = [s for s in receipt["sections"] if s["outcome"] == "refused"] if receipt else []
    return failures_here(found) + [
        f"{s['section']}: refused, {s['problem']['title']} at {s['problem']['path']}" for s in refused
    ]


def _known_key(options: argparse.Namespace) -> bytes | None:
    """The key of keyed digests where it is at hand: printing needs no store."""
    if sys.version_info < (3, 11):  # noqa: UP036 - the agent runs on 3.9
        return None
    try:
        from api.connect import connected

        with connected(options) as estate:
            return estate.digest_key()
    except (SurveymarkError, ModuleNotFoundError):
        if getattr(options, "store", None) or getattr(options, "server", None):
            raise
        return None


def _told(receipt: dict[str, Any], failed: list[str], io: Terminal) -> None:
    if io.as_json:
        io.document(receipt)
        return
    for row in receipt["quarantined"]:
        io.line(f"Not taken: {visible(row['reason'])}")
    for reason in receipt["conflicts"]:
        io.line(f"Conflict: {visible(reason)}")
    if receipt["superseded"]:
        io.line("Superseded: a newer report of this host was there already.")
    elif not receipt["quarantined"]:
        what = f"{receipt['created']} created, {receipt['updated']} updated, {receipt['retired']} retired"
        io.line(f"Revision {receipt['revision']}: {what}" if receipt["revision"] else "Nothing changed.")
    for line in failed:
        io.line(f"Not seen: {visible(line)}")
