"""`surveymark drift`: how the estate differs from a baseline."""

from __future__ import annotations

import argparse
from typing import Any

from agent.terminal import Terminal
from api.cli import add_common
from api.connect import connected
from api.encoders import shown, visible


def add(groups: Any) -> None:
    command = groups.add_parser(
        "drift",
        help="how the estate differs from a baseline",
        epilog="Status: 0 none, 1 drift, 3 not all could be compared.",
    )
    command.add_argument("name", metavar="NAME", help="baseline")
    command.add_argument("--against", metavar="OTHER", help="compare with another baseline instead of the estate")
    command.add_argument("--keep", action="store_true", help="keep the report as a document, and say its digest")
    add_common(command, at=True)
    command.set_defaults(run=run)


def run(options: argparse.Namespace, io: Terminal) -> int:
    from baselines.drift import exit_status

    with connected(options) as estate:
        found = estate.drift(options.name, options.at, options.against, options.keep)
    if io.as_json:
        io.document(found)
        return exit_status(found)
    rows = [
        (d["kind"], d["class"], d["name"], _what(d), _change(d), _span(d), d["reason"]) for d in found["deviations"]
    ]
    io.table(("kind", "class", "name", "what", "change", "happened", "reason"), rows)
    seen = found["coverage"]
    io.line(
        f"{found['findings']} findings against baseline {visible(found['baseline'])}"
        f"{' (not approved)' if found.get('state') == 'proposed' else ''} at revision {found['revision']}."
    )
    if found["left_out"]:
        io.line(f"{found['left_out']} parts came or went with their whole, and are not listed.")
    io.line(
        f"Sections compared: {seen['compared']}; failed: {seen['failed']}; not reported since: {seen['stale']}; "
        f"not comparable: {seen['not_comparable']}."
    )
    if options.keep:
        io.line(f"Kept as document {found['document']}")
    return exit_status(found)


def _what(row: dict[str, Any]) -> str:
    relation = row.get("relation")
    return " ".join(filter(None, (shown(relation), row["attribute"], row.get("section"))))


def _change(row: dict[str, Any]) -> str:
    if row["before"] is None and row["after"] is None:
        return ""
    before, after = ("(absent)" if value is None else shown(value) for value in (row["before"], row["after"]))
    return f"{before} -> {after}"


def _span(row: dict[str, Any]) -> str:
    return f"{row['not_before'] or '?'} .. {row['not_after'] or '?'}" if row["not_before"] or row["not_after"] else ""
