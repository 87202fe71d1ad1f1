"""`surveymark agent`: what this host reports of itself. Runs on Python 3.9 with psutil alone, as far as `--print` goes."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from agent.report import Report
from api.cli import add_common
from api.discovery import discover, lines
from api.encoders import visible, visible_json
from api.state import state
from api.terminal import Terminal
from cmdb.model.errors import SurveymarkError


def add(groups: Any) -> None:
    group = groups.add_parser("agent", help="report this host")
    commands = group.add_subparsers(metavar="COMMAND", required=True)
    once = commands.add_parser("once", help="look at this host once, and hand in what was seen")
    once.add_argument(
        "--print", action="store_true", dest="only_print", help="print what would leave this host, send nothing"
    )
    once.add_argument("--strict", action="store_true", help="status 3 where a section failed")
    add_common(once)
    once.set_defaults(run=run)


def run(options: argparse.Namespace, io: Terminal) -> int:
    """Look once; hand in, or print."""
    if options.only_print:
        found = discover(state(), _known_key(options), io.progress)
        io.done()
        _print(found, io)
        failed = failures(found)
    else:
        from api.connect import connected

        with connected(options, create=True) as estate:
            found = discover(state(), estate.digest_key(), io.progress)
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
    failed = [f"{s.name}: {s.reason}" for s in found.sections if s.outcome == "failed"]
    refused = [s for s in receipt["sections"] if s["outcome"] == "refused"] if receipt else []
    return failed + [f"{s['section']}: refused, {s['problem']['title']} at {s['problem']['path']}" for s in refused]


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


def _print(found: Report, io: Terminal) -> None:
    """Every byte that would leave to standard output, what it cost to standard error; on a terminal control characters
    stand as escapes, which mean the same."""
    leaving = lines(found)
    if io.as_json:
        io.document({"lines": [json.loads(line) for line in leaving], "bytes": sum(map(len, leaving))})
        return
    for line in leaving:
        if sys.stdout.isatty():
            io.line(visible_json(line.decode().rstrip("\n")))
        else:
            sys.stdout.buffer.write(line)
    sys.stdout.flush()
    costs = [(s, s.cost) for s in found.sections]
    rows = [
        (s.name, s.outcome, f"{c['wall_seconds']:.3f}", f"{c['cpu_seconds']:.3f}", c["bytes"], s.reason)
        for s, c in costs
    ]
    from api.encoders import table

    sys.stderr.write(table(("section", "outcome", "wall s", "cpu s", "bytes read", "reason"), rows) + "\n")
    wall, cpu = (sum(c[name] for _, c in costs) for name in ("wall_seconds", "cpu_seconds"))
    io.say(f"{len(rows)} sections, {sum(map(len, leaving))} bytes would leave; {wall:.2f} s, {cpu:.2f} s of CPU.")


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
