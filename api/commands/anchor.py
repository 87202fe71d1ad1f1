"""`surveymark anchor`: the digest of the newest revision, to be kept where who can write the store can not."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from agent.terminal import Terminal
from api.cli import add_common
from api.connect import opened
from cmdb.model.errors import UsageError


def add(groups: Any) -> None:
    command = groups.add_parser("anchor", help="the newest revision's digest, to be kept outside the store")
    where = command.add_mutually_exclusive_group()
    where.add_argument("--to", metavar="FILE", help="add it to this file, instead of printing it")
    where.add_argument(
        "--send",
        action="store_true",
        help="send it now to the targets that SURVEYMARK_ANCHOR_TO has; status 1 if one fails",
    )
    add_common(command)
    command.set_defaults(run=run)


def run(options: argparse.Namespace, io: Terminal) -> int:
    if getattr(options, "server", None):
        raise UsageError("This opens the store itself: run it where the store is, with --store instead of --server.")
    from api.anchor_targets import append
    from api.anchoring import TO, send, targets
    from cmdb.anchors import anchor
    from cmdb.model.times import now

    with opened(options) as estate:
        if options.send:
            named = targets()
            if not named:
                raise UsageError(f"{TO} names no target: write file:/path, syslog: or https://host/path into it.")
            failed = send(estate.store, named, now)
            for problem in failed:
                io.say(problem)
            return 1 if failed else 0
        made = anchor(estate.store, now())
    if options.to:
        append(Path(options.to), made)
    if io.as_json:
        io.document(made.document())
    elif options.to:
        io.say(
            f"Added the anchor of revision {made.revision} to {options.to}. Keep it where this store's writers can not write."
        )
    else:
        io.line(made.line())
    return 0
