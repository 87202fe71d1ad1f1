"""`agent install` makes the agent a service of this host, enrolled and running; `agent uninstall` undoes all of it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from agent.enrol_command import add_server, token_of, told
from agent.terminal import Terminal


def add(commands: Any) -> None:
    install = commands.add_parser(
        "install",
        help="make the agent a service of this host",
        description="Puts the agent on this host as a hardened service of systemd, enrols it and starts it. Where it is "
        "installed already, program and unit are replaced; the enrolment, the settings and what waits to be sent stay.",
    )
    add_server(install)
    install.set_defaults(run=run_install)
    uninstall = commands.add_parser(
        "uninstall",
        help="undo all of that",
        description="Stops the agent and takes away all that `install` put on this host. What was reported stays with the "
        "server, where `surveymark agent revoke` ends the agent's key.",
    )
    uninstall.set_defaults(run=run_uninstall)


def run_install(options: argparse.Namespace, io: Terminal) -> int:
    from agent.enrolment import enrol, load
    from agent.service import install
    from agent.state import State
    from agent.transport import server

    at = server(options.server, options.ca_file, options.fingerprint)

    def enrolled(folder: Path) -> None:
        state = State(folder)
        if load(state) is not None:
            return
        token = token_of(options)
        io.progress("enrolling")
        made, said = enrol(state, at, token)
        io.done()
        for line in told(made.url, made.key, said):
            io.line(line)

    install(enrolled, say=io.line)
    return 0


def run_uninstall(options: argparse.Namespace, io: Terminal) -> int:  # noqa: ARG001 - as every command
    from agent.enrolment import load
    from agent.service import Places, uninstall
    from agent.state import State
    from cmdb.model.errors import SurveymarkError

    try:
        known = load(State(Places.state))
    except SurveymarkError:
        known = None  # spoilt, and about to go
    uninstall(say=io.line)
    if known is not None:
        io.line(f"End its key at {known.url}: surveymark agent revoke {known.key}")
    return 0
