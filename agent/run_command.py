"""`agent run`: the resident agent, in the foreground, as a service manager wants it."""

from __future__ import annotations

import argparse
from typing import Any

from agent.terminal import Terminal


def add(commands: Any) -> None:
    run = commands.add_parser(
        "run",
        help="look at this host on a schedule and hand in what was seen, until told to end (SIGHUP: look now)",
    )
    run.set_defaults(run=run_resident)


def run_resident(options: argparse.Namespace, io: Terminal) -> int:  # noqa: ARG001 - as every command
    """Run until SIGTERM or SIGINT; what goes wrong meanwhile is logged to standard error."""
    import logging

    from agent.delivery import Delivery, ask_seconds, limits
    from agent.discovery import facts
    from agent.enrolment import NotEnrolled, load
    from agent.resident import Resident
    from agent.settings import settings
    from agent.state import state

    own, given = state(), settings()
    enrolled = load(own)
    if enrolled is None:
        raise NotEnrolled
    logging.basicConfig(level=logging.INFO, format="%(levelname)s: %(message)s")
    delivery = Delivery(own, enrolled, limits(given.sections), ask_seconds=ask_seconds(given.sections))
    try:
        Resident(own, given, facts(given.without), delivery).run()
    finally:
        delivery.close()
    return 0
