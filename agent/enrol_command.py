"""`agent enrol` makes the server know this host's agent, once, with a token that enrols; `agent trust` says by what the agent
knows its server from then on."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from agent.terminal import Terminal
from cmdb.model.errors import UsageError


def add(commands: Any) -> None:
    enrol = commands.add_parser("enrol", help="enrol this host's agent at a server")
    add_server(enrol)
    enrol.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="answer with one JSON document")
    enrol.set_defaults(run=run)
    trust = commands.add_parser(
        "trust",
        help="say how the server is verified, as when its certificate is renewed",
        description="How the agent that is enrolled verifies its server from now on; with neither option by the authorities of "
        "the system. A running agent takes it over when it is restarted.",
    )
    _add_verified(trust)
    trust.set_defaults(run=run_trust)


def add_server(command: argparse.ArgumentParser) -> None:
    """Options of what enrols."""
    command.add_argument("--server", required=True, metavar="URL", help="the server, https://host[:port]")
    command.add_argument(
        "--token-file",
        metavar="FILE",
        help="a file of mode 0600 with a token that enrols agents, - for standard input; asked for at a terminal",
    )
    _add_verified(command)


def _add_verified(command: argparse.ArgumentParser) -> None:
    verified = command.add_mutually_exclusive_group()
    verified.add_argument(
        "--ca-file", default="", metavar="FILE", help="certificates of the authorities that vouch for the server (PEM)"
    )
    verified.add_argument(
        "--fingerprint",
        default="",
        metavar="SHA256",
        help="the server's certificate is the one with this SHA-256; a comma parts it from that of the next one",
    )


def token_of(options: argparse.Namespace) -> str:
    """The token that enrols. Raises UsageError where there is none."""
    from agent.state import secret_file

    if options.token_file == "-":  # noqa: S105 - a name
        return sys.stdin.readline(4096).strip()
    if options.token_file:
        return secret_file(Path(options.token_file))
    if not sys.stdin.isatty():
        raise UsageError(
            "--token-file names a file of mode 0600 with a token that enrols agents, or - for standard input."
        )
    from getpass import getpass

    return getpass("Token that enrols agents: ").strip()


def run(options: argparse.Namespace, io: Terminal) -> int:
    """Enrol, and say whether people have to approve it."""
    from agent.enrolment import enrol
    from agent.state import state
    from agent.transport import server

    at = server(options.server, options.ca_file, options.fingerprint)
    token = token_of(options)
    io.progress("enrolling")
    enrolled, said = enrol(state(), at, token)
    io.done()
    if io.as_json:
        reason = str(said.get("reason", ""))
        io.document({"server": enrolled.url, "key": enrolled.key, "state": said.get("state"), "reason": reason})
        return 0
    for line in told(enrolled.url, enrolled.key, said):
        io.line(line)
    return 0


def told(url: str, key: str, said: Any) -> list[str]:
    """What people get to read of an enrolment."""
    lines = [f"Enrolled at {url} with the key {key}."]
    if said.get("state") == "pending":
        lines.append(f"It reports once an operator approves it: surveymark agent approve {key}")
        lines.append(f"Why: {_shown(said.get('reason'))}")
    return lines


def run_trust(options: argparse.Namespace, io: Terminal) -> int:
    from agent.enrolment import trust
    from agent.state import state

    found = trust(state(), options.ca_file, options.fingerprint)
    by = "its fingerprint" if found.fingerprint else found.ca_file or "the authorities of the system"
    io.line(f"{found.url} is verified by {by}.")
    return 0


def _shown(reason: object) -> str:
    from agent.visible import visible

    return visible(str(reason)[:500])
