"""`surveymark redact`: erases a value, now and in all of the past."""

from __future__ import annotations

import argparse
from typing import Any

from agent.terminal import Terminal
from api.cli import add_common
from api.connect import connected


def add(groups: Any) -> None:
    command = groups.add_parser("redact", help="erase a value, now and in all of the past (docs/security.md)")
    command.add_argument("id", metavar="ID", help="id of the CI")
    command.add_argument("attribute", metavar="ATTRIBUTE", help="or a reading of it")
    command.add_argument(
        "--lift", action="store_true", help="let the attribute be told again; nothing comes back by itself"
    )
    command.add_argument(
        "--reason", metavar="TEXT", required=True, help="why, which history keeps: not the value itself"
    )
    add_common(command)
    command.set_defaults(run=run)


def run(options: argparse.Namespace, io: Terminal) -> int:
    with connected(options) as estate:
        act = estate.lift_redaction if options.lift else estate.redact
        done = act(options.id, options.attribute, options.reason)
    if io.as_json:
        io.document(done)
    elif options.lift:
        io.say(f"{done['attribute']} may be told again since revision {done['revision']}.")
    else:
        io.say(
            f"{done['attribute']} is erased by revision {done['revision']}: {done['states']} states, {done['relations']} of "
            f"relations and {done['conflicts']} of conflicts, {done['receipts']} receipts and {done['documents']} documents are "
            f"written anew, {done['reasons']} reasons of sections and {done['targets']} targets of sweeps are without it, "
            f"{done['readings']} readings and {done['raw']} raw batches dropped."
        )
        if not done["scrubbed"]:
            io.say(
                "Somebody who reads keeps the store's files from being cleaned: `redact` another time, or stop the server."
            )
    return 0
