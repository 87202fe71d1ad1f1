"""`surveymark up`: all of it on this machine, beginning with a first discovery of this host."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from agent.terminal import Terminal
from api.cli import add_common
from api.commands.agent import failures
from api.commands.serve import add_listening, settings_of, until_told
from api.encoders import shown, visible

if TYPE_CHECKING:
    from agent.report import Report
    from api.local_estate import LocalEstate

ROWS = 12
"""Rows of each list that are shown; the rest is counted."""


def add(groups: Any) -> None:
    command = groups.add_parser("up", help="store, API, page, schedule, and a first discovery of this host")
    command.add_argument("--once", action="store_true", help="one discovery and a summary of this host, then end")
    add_listening(command)
    add_common(command)
    command.set_defaults(run=run)


def run(options: argparse.Namespace, io: Terminal) -> int:
    from api.connect import opened

    settings = settings_of(options)
    with opened(options, create=True) as estate:
        if options.once:
            summary, _ = look(estate, io)
            if io.as_json:
                io.document(summary)
            else:
                _told(summary, io)
            return 0
        from api.anchoring import daily, targets
        from api.app import create_app
        from api.caller import Caller
        from api.context import NAME
        from api.logs import log_as_json
        from api.schedule import ITSELF, scheduler
        from api.service import address, server, serving
        from cmdb.model.times import now

        to = targets()
        app = create_app(settings, estate.store)
        made = server(app, settings)
        summary, _ = look(estate, io, resident=True)
        _told(summary, io)
        code = app.extensions[NAME].sessions.code(Caller(estate.caller.actor, ("admin",)))
        log_as_json(sys.stderr)
        itself = estate.of(ITSELF)
        jobs = scheduler(
            itself.freshness,
            lambda: look(estate, Terminal(), resident=True),
            itself.run_retention,
            (lambda: daily(estate.store, to, now)) if to else None,
            app.extensions[NAME].estate.of(ITSELF).derive_links_when_due,
        )
        jobs.start()
        try:
            with serving(made):
                io.say("")
                io.say(f"Open this once, within 15 minutes: {address(made, settings)}/sign-in/{code}")
                io.say("Next: surveymark baseline create first --scope ''   (freeze what is there)")
                io.say("      surveymark drift first                        (what has changed since)")
                io.say("      surveymark impact 'class:Host'                (what breaks if it goes)")
                io.say("Ctrl-C ends it.")
                until_told()
        finally:
            jobs.shutdown(wait=False)
    return 0


def look(estate: LocalEstate, io: Terminal, resident: bool = False) -> tuple[dict[str, Any], Report]:
    """One discovery of this host into the estate; returns its summary, with what failed beside it, and the report."""
    from agent.discovery import discover, lines
    from api.state import state

    found = discover(state(), estate.digest_key(), io.progress, resident)
    io.progress("keeping it")
    receipt = estate.submit(b"".join(lines(found)))
    io.done()
    if receipt["quarantined"]:
        from cmdb.model.errors import ConflictError

        raise ConflictError(f"This host can not be told from others: {receipt['quarantined'][0]['reason']}.")
    summary = estate.summary(receipt["ci"]) if receipt.get("ci") else {}
    return {**summary, "receipt": receipt, "failed": failures(found, receipt)}, found


def _told(summary: dict[str, Any], io: Terminal) -> None:
    host = summary["host"]
    has = {**host["attributes"], **host["readings"]}
    io.line(f"{visible(host['name'])}: {shown(has.get('os_name') or has.get('os'))}")
    io.pairs(
        [
            ("kernel", " ".join(filter(None, (has.get("kernel"), has.get("kernel_release"), has.get("architecture"))))),
            ("hardware", " ".join(filter(None, (has.get("vendor"), has.get("product"), has.get("virtualization"))))),
            ("processors", _processors(has)),
            ("memory", f"{has['memory_bytes'] / 2**30:.1f} GiB" if "memory_bytes" in has else None),
            ("gateways", has.get("gateways")),
            ("resolvers", has.get("resolvers")),
            ("holds", ", ".join(f"{n} {name}" for name, n in summary["counts"].items())),
            ("id", host["id"]),
        ]
    )
    listens = [
        (
            row["endpoint"],
            "anywhere" if row["exposed"] else "this host only",
            ", ".join(s["name"] for s in row["software"]),
        )
        for row in summary["listens"]
    ]
    _some("What listens", ("where", "reached from", "software"), listens, io)
    needs = [(row["on"], row["why"], row["by"] or "the host") for row in summary["depends_on"]]
    _some("What it depends on", ("on", "why", "needed by"), needs, io)
    unseen = [(row["section"], row["outcome"], row["reason"] or _LESS) for row in summary["unseen"]]
    _some("What could not be seen", ("section", "outcome", "why, and what mends it"), unseen, io)
    receipt = summary["receipt"]
    changes = f"{receipt['created']} created, {receipt['updated']} updated, {receipt['retired']} retired"
    io.say(
        f"Revision {receipt['revision']}: {changes}." if receipt["revision"] else "Nothing changed since the last look."
    )


_LESS = "seen with an ordinary user's rights; run as root to see all of it"


def _processors(has: dict[str, Any]) -> str | None:
    return f"{has['cpu_count']} × {shown(has.get('cpu_model', 'processors'))}" if "cpu_count" in has else None


def _some(title: str, heads: tuple[str, ...], rows: list[tuple[Any, ...]], io: Terminal) -> None:
    io.line(f"\n{title}")
    if not rows:
        io.line("  nothing")
        return
    io.table(heads, rows[:ROWS])
    if len(rows) > ROWS:
        io.line(f"and {len(rows) - ROWS} more")
