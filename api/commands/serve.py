"""`surveymark serve`: API and page over a store, for production."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from typing import Any

from agent.terminal import Terminal
from api.cli import add_common
from api.settings import LISTEN, Settings, listening


def add(groups: Any) -> None:
    command = groups.add_parser("serve", help="API and page over a store")
    add_listening(command)
    add_common(command)
    command.set_defaults(run=run)


def add_listening(command: argparse.ArgumentParser) -> None:
    """Options of whatever listens."""
    command.add_argument("--listen", metavar="HOST:PORT", default=LISTEN, help=f"where to listen ({LISTEN})")
    command.add_argument(
        "--certificate", metavar="FILE", help="TLS certificate chain, PEM; needed on any address but loopback"
    )
    command.add_argument("--key", metavar="FILE", help="its key, PEM")
    command.add_argument(
        "--trusted-proxy",
        action="append",
        default=[],
        metavar="NETWORK",
        help="a reverse proxy whose X-Forwarded-For is believed, as 10.0.0.5/32 (again for more)",
    )
    command.add_argument(
        "--host-name", action="append", default=[], metavar="NAME", help="a name to answer to (again for more)"
    )


def settings_of(options: argparse.Namespace) -> Settings:
    return listening(
        options.listen, options.certificate, options.key, tuple(options.host_name), tuple(options.trusted_proxy)
    )


def run(options: argparse.Namespace, io: Terminal) -> int:
    settings = settings_of(options)
    from api.anchoring import daily, targets
    from api.app import create_app
    from api.connect import opened
    from api.context import NAME
    from api.logs import log_as_json
    from api.schedule import ITSELF, scheduler
    from api.service import address, server, serving
    from cmdb.model.times import now

    to = targets()
    with opened(options, create=True) as estate:
        log_as_json(sys.stderr)
        app = create_app(settings, estate.store)
        made = server(app, settings)
        itself = estate.of(ITSELF)
        send_anchor = (lambda: daily(estate.store, to, now)) if to else None
        derive = app.extensions[NAME].estate.of(ITSELF).derive_links_when_due  # which knows what came over HTTP
        jobs = scheduler(itself.freshness, free=itself.run_retention, send_anchor=send_anchor, derive=derive)
        jobs.start()
        try:
            with serving(made):
                io.say(
                    f"Listening on {address(made, settings)}; sign in with an access token (surveymark token create)."
                )
                until_told()
        finally:
            jobs.shutdown(wait=False)
    return 0


def until_told() -> None:
    """Wait for SIGTERM or SIGINT (Ctrl-C)."""
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    told.wait()
