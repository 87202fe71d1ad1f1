"""`surveymark ci`: configuration items."""

from __future__ import annotations

import argparse
from typing import Any

from agent.terminal import Terminal
from api import absence_commands, merging_commands
from api.cli import add_common
from api.connect import connected
from api.edit_commands import add_set
from api.encoders import csv_text, markdown_table, shown, visible
from api.explain_command import add_explain
from api.resolve import the_one

HEADS = ("class", "name", "id", "state", "last seen")


def add(groups: Any) -> None:
    group = groups.add_parser("ci", help="search configuration items, look at one")
    commands = group.add_subparsers(metavar="COMMAND", required=True)
    search = commands.add_parser("find", help="items that a query matches (docs/query.md)")
    search.add_argument(
        "query", nargs="*", metavar="QUERY", help='class:Host name:web* port:>1024 "free text"; none: all'
    )
    search.add_argument("--format", choices=("table", "csv", "md"), default="table", help="how to print them")
    search.add_argument(
        "--retired", action="store_true", help="those that are gone, by their last state; like is:retired"
    )
    search.set_defaults(run=find)
    one = commands.add_parser("show", help="an item with all that is known of it")
    one.set_defaults(run=show)
    past = commands.add_parser("history", help="what happened to an item")
    past.set_defaults(run=history)
    near = commands.add_parser("neighbours", help="what an item is related to")
    near.set_defaults(run=neighbours)
    add_set(commands)
    add_explain(commands)
    absence_commands.add(commands)
    merging_commands.add(commands)
    for command in (one, past, near):
        command.add_argument("ci", metavar="CI", help="an id, or a query that matches one item")
    for command in (search, past, near):
        command.add_argument("--limit", type=int, default=100, help="items on a page, at most 1000 (100)")
        command.add_argument("--cursor", help="go on behind the page that ended with this")
    for command in (search, one, past, near):
        add_common(command, at=True)


def find(options: argparse.Namespace, io: Terminal) -> int:
    query = " ".join([*options.query, *(["is:retired"] if options.retired else [])])
    with connected(options) as estate:
        found = estate.find(query, options.at, options.cursor, options.limit)
    rows = [(ci["class"], ci["name"], ci["id"], ci["state"], ci["last_seen"]) for ci in found["items"]]
    if io.as_json:
        io.document(found)
    elif options.format == "csv":
        io.line(csv_text(HEADS, rows).rstrip("\r\n"))
    elif options.format == "md":
        io.line(markdown_table(HEADS, rows))
    else:
        io.table(HEADS, rows)
    return _more(found, io)


def show(options: argparse.Namespace, io: Terminal) -> int:
    with connected(options) as estate:
        ci = estate.show(the_one(estate, options.ci, options.at), options.at)
    if io.as_json:
        io.document(ci)
        return 0
    io.line(f"{ci['class']} {visible(ci['name'])}")
    io.pairs([(name, ci[name]) for name in ("id", "parent", "state", "since", "first_seen", "last_seen")])
    if "retired" in ci:
        io.pairs([("retired", ci["retired"]["committed_at"]), ("witness", ci["retired"]["witness"])])
    if ci.get("freed"):
        io.line("\nits values are not kept any more: retention has freed them")
    for name, why in ci.get("redacted", {}).items():
        lifted = f", and may be told again since revision {why['lifted']}" if "lifted" in why else ""
        io.line(
            f"\n{name} was redacted by revision {why['revision']} ({visible(why['by'])}, {why['at']}): "
            f"{visible(why['reason'])}{lifted}"
        )
    for title, pairs in (("attributes", ci["attributes"]), ("readings", ci["readings"])):
        if pairs:
            io.line(f"\n{title}")
            io.table(("name", "value"), pairs.items())
    if ci["identifiers"]:
        io.line("\nidentifiers")
        for identifier in ci["identifiers"]:
            io.line(visible(identifier))
    if ci["sections"]:
        io.line("\nsections")
        rows = [(s["section"], s["source"], s["outcome"], s["seen_at"], s["reason"]) for s in ci["sections"]]
        io.table(("section", "source", "outcome", "seen at", "reason"), rows)
    return 0


def history(options: argparse.Namespace, io: Terminal) -> int:
    with connected(options) as estate:
        id_ = the_one(estate, options.ci, options.at)
        found = estate.history(id_, options.at, options.cursor, options.limit)
    if io.as_json:
        io.document(found)
    else:
        rows = [(r["revision"], _span(r), r["kind"], _what(r, id_), _change(r), r["source"]) for r in found["items"]]
        io.table(("revision", "happened", "kind", "what", "change", "source"), rows)
    return _more(found, io)


def neighbours(options: argparse.Namespace, io: Terminal) -> int:
    with connected(options) as estate:
        id_ = the_one(estate, options.ci, options.at)
        found = estate.neighbours(id_, options.at, options.cursor, options.limit)
    if io.as_json:
        io.document(found)
    else:
        rows = []
        for row in found["items"]:
            relation, ci = row["relation"], row["ci"]
            arrow = f"{relation['type']} ->" if relation["subject"] == id_ else f"<- {relation['type']}"
            rows.append((arrow, ci["class"], ci["name"], ci["id"], relation["attributes"]))
        io.table(("relation", "class", "name", "id", "attributes"), rows)
    return _more(found, io)


def _more(found: dict[str, Any], io: Terminal) -> int:
    if not io.as_json:
        total = f" of {found['total']}" if found["total"] is not None else ""
        io.say(
            f"{len(found['items'])}{total}, as of revision {found['revision']} ({found['as_of'] or 'the beginning'})."
        )
        if found["next"]:
            io.say(f"More with --cursor {found['next']}")
    return 0


def _span(row: dict[str, Any]) -> str:
    """The interval in which it happened."""
    return f"{row['not_before'] or '?'} .. {row['not_after']}"


def _what(row: dict[str, Any], id_: str) -> str:
    relation = row["relation"]
    if relation is None:
        return row["attribute"] or ""
    other = relation["object"] if relation["subject"] == id_ else relation["subject"]
    arrow = f"{relation['type']} -> {other}" if relation["subject"] == id_ else f"{other} -> {relation['type']}"
    return f"{arrow} {row['attribute'] or ''}".strip()


def _change(row: dict[str, Any]) -> str:
    if row["kind"] == "retired":
        return f"not there for {shown(row['witness'])}" if row["witness"] else ""
    if row["kind"] == "horizon":
        return "kept from here on; what was before has been freed by age"
    if row["attribute"] is None:
        return ""
    return f"{_or_absent(row['before'])} -> {_or_absent(row['after'])}"


def _or_absent(value: Any) -> str:
    return "(absent)" if value is None else shown(value)
