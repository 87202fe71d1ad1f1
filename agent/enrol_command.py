"""`agent enrol`: makes the server know this host's agent, once, with a token that enrols."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from agent.terminal import Terminal


def add(commands: Any) -> None:
    enrol = commands.add_parser("enrol", help="enrol this host's agent at a server")
    enrol.add_argument("--server", required=True, metavar="URL", help="the server, https://host[:port]")
    enrol.add_argument(
        "--token-file", required=True, metavar="FILE", help="a file of mode 0600 with a token that enrols agents"
    )
    verified = enrol.add_mutually_exclusive_group()
    verified.add_argument(
        "--ca-file", default="", metavar="FILE", help="certificates of the authorities that vouch for the server (PEM)"
    )
    verified.add_argument(
        "--fingerprint", default="", metavar="SHA256", help="the server's certificate is the one with this SHA-256"
    )
    enrol.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="answer with one JSON document")
    enrol.set_defaults(run=run)


def run(options: argparse.Namespace, io: Terminal) -> int:
    """Enrol, and say whether people have to approve it."""
    from agent.enrolment import enrol
    from agent.state import secret_file, state
    from agent.transport import server

    at = server(options.server, options.ca_file, options.fingerprint)
    token = secret_file(Path(options.token_file))
    io.progress("enrolling")
    enrolled, said = enrol(state(), at, token)
    io.done()
    pending = said.get("state") == "pending"
    if io.as_json:
        reason = str(said.get("reason", ""))
        io.document({"server": enrolled.url, "key": enrolled.key, "state": said.get("state"), "reason": reason})
    else:
        io.line(f"Enrolled at {enrolled.url} with the key {enrolled.key}.")
        if pending:
            io.line(f"It reports once an operator approves it: surveymark agent approve {enrolled.key}")
            io.line(f"Why: {_shown(said.get('reason'))}")
    return 0


def _shown(reason: object) -> str:
    from agent.visible import visible

    return visible(str(reason)[:500])
