"""A server on its own: the application behind cheroot, with TLS where it can be reached from outside."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from cheroot import wsgi

from api.pace import GRACE, PacedConnection, PacedTLS
from api.settings import Settings
from cmdb.model.errors import StoreError, UsageError

THREADS = 8
CONNECTIONS = 1024
"""That may wait to be accepted: of agents that all come at once none has to knock twice."""
SECONDS = 60


def server(app: Any, settings: Settings, grace: float = GRACE) -> wsgi.Server:
    """The server, bound to its address but not answering yet. Raises StoreError where the address can not be had."""
    made = _Server(
        (settings.host, settings.port),
        app,
        numthreads=THREADS,
        server_name="surveymark",
        request_queue_size=CONNECTIONS,
        timeout=SECONDS,
        shutdown_timeout=2,
    )
    made.grace = grace
    made.max_request_header_size = 64 * 1024
    made.max_request_body_size = settings.max_batch_bytes
    if settings.certificate is not None:
        try:
            made.ssl_adapter = PacedTLS(str(settings.certificate), str(settings.key))
        except OSError as error:
            raise UsageError(
                f"{settings.certificate} and {settings.key} are no certificate with its key, both PEM and the key without a "
                f"passphrase: {error.strerror or error}."
            ) from error
    try:
        made.prepare()
    except OSError as error:
        raise StoreError(
            f"{settings.host}:{settings.port} can not be listened on: {error}. Name another with --listen."
        ) from error
    return made


def address(made: wsgi.Server, settings: Settings) -> str:
    """Where it is reached; the system chose the port where the settings say 0."""
    return replace(settings, port=made.bind_addr[1]).url


@contextmanager
def serving(made: wsgi.Server) -> Iterator[None]:
    """Answer until the block ends; the block's own thread is free."""
    thread = threading.Thread(target=made.serve, name="server", daemon=True)
    thread.start()
    try:
        yield
    finally:
        made.stop()
        thread.join(timeout=10)


class _Server(wsgi.Server):
    """cheroot, with our log, and without a socket left over where its address is taken."""

    ConnectionClass = PacedConnection
    grace = GRACE

    @staticmethod
    def bind_socket(socket_: socket.socket, bind_addr: Any) -> socket.socket:
        try:
            socket_.bind(bind_addr)
        except OSError:
            socket_.close()
            raise
        return socket_

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        logging.getLogger(__name__).log(level, "%s", msg, exc_info=traceback)
