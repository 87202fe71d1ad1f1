"""`surveymark import`: what people keep in a file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from agent.terminal import Terminal
from api.cli import add_common
from api.connect import connected
from api.encoders import shown, visible

SAMPLE = 50
FORMATS = ("csv", "json", "yaml")


def add(groups: Any) -> None:
    command = groups.add_parser("import", help="take what people keep in a file: CSV, JSON or YAML (docs/import.md)")
    command.add_argument("file", metavar="FILE", help="the file; - is standard input, with --format and --source")
    command.add_argument("--format", choices=FORMATS, help="what it is (by its name otherwise)")
    command.add_argument("--class", dest="class_name", metavar="CLASS", help="class of rows that have no column class")
    command.add_argument("--source", metavar="NAME", help="whose words these are (the file's name otherwise)")
    command.add_argument(
        "--map", action="append", default=[], metavar="COLUMN=NAME", help="a column's attribute; empty leaves it out"
    )
    command.add_argument(
        "--match", action="append", default=[], metavar="NAME", help="attributes that find the one item of a row"
    )
    command.add_argument("--partly", action="store_true", help="land the rows that can be, though others can not")
    command.add_argument(
        "--complete", action="store_true", help="the file is all that its source says: what is not in it is over"
    )
    command.add_argument("--dry-run", action="store_true", help="show what would change, and change nothing")
    add_common(command)
    command.set_defaults(run=take)


def take(options: argparse.Namespace, io: Terminal) -> int:
    from api.import_files import MAX_BYTES, format_of, mapping

    format_name = format_of(options.file, options.format)
    if options.file == "-":
        data = sys.stdin.buffer.read(MAX_BYTES + 1)
    else:
        with Path(options.file).open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
    said = {
        "format": format_name,
        "source": options.source or f"import:{Path(options.file).name}",
        "class": options.class_name,
        "columns": mapping(options.map),
        "match": options.match,
        "partly": options.partly,
        "complete": options.complete,
        "dry_run": options.dry_run,
    }
    with connected(options) as estate:
        found = estate.import_file(data, said, lambda done, rows: io.progress(f"row {done} of {rows}"))
    io.done()
    if io.as_json:
        io.document(found)
    else:
        _show(found, io)
    if not found["refused"]:
        return 0
    return 3 if found["landed"] else 2


def _show(found: dict[str, Any], io: Terminal) -> None:
    rows = []
    for item in found["items"]:
        if item["outcome"] == "refused":
            rows.append((item["place"], "refused", item["name"], item["reason"]))
        else:
            told = ", ".join(
                f"{c['attribute']}: {_value(c['before'])} -> {_value(c['after'])}" for c in item["changes"]
            )
            rows.append((item["place"], item["outcome"], item["name"], told))
    io.table(("place", "outcome", "name", "what"), rows[:SAMPLE])
    if len(rows) > SAMPLE or found["left_out"]:
        io.line(f"... and {len(rows) - min(SAMPLE, len(rows)) + found['left_out']} more")
    counts = ", ".join(f"{found[word]} {word}" for word in ("created", "updated", "unchanged", "retired", "refused"))
    end = (
        "landed" if found["landed"] else "a dry run, nothing is written" if found["dry_run"] else "nothing was written"
    )
    remedy = "; mend the rows, or land the others with --partly" if found["refused"] and not found["landed"] else ""
    io.say(f"{found['rows']} rows from {visible(found['source'])}: {counts}; {end}{remedy}.")


def _value(value: Any) -> str:
    return "(absent)" if value is None else shown(value)
