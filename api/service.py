"""A server on its own: the application behind cheroot, with TLS where it can be reached from outside."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cheroot import wsgi
from cheroot.ssl.builtin import BuiltinSSLAdapter

from api.settings import Settings
from cmdb.model.errors import StoreError

THREADS = 8
SECONDS = 60


def server(app: Any, settings: Settings) -> wsgi.Server:
    """The server, bound to its address but not answering yet. Raises StoreError where the address can not be had."""
    made = wsgi.Server(
        (settings.host, settings.port),
        app,
        numthreads=THREADS,
        server_name="surveymark",
        timeout=SECONDS,
    )
    made.max_request_header_size = 64 * 1024
    made.max_request_body_size = settings.max_batch_bytes
    if settings.certificate is not None:
        made.ssl_adapter = BuiltinSSLAdapter(str(settings.certificate), str(settings.key))
    made.error_log = _log  # type: ignore[method-assign,assignment]
    try:
        made.prepare()
    except OSError as error:
        raise StoreError(
            f"{settings.host}:{settings.port} can not be listened on: {error}. Name another with --listen."
        ) from error
    return made


@contextmanager
def serving(made: wsgi.Server) -> Iterator[None]:
    """Answer until the block ends; the block's own thread is free."""
    import threading

    thread = threading.Thread(target=made.serve, name="server", daemon=True)
    thread.start()
    try:
        yield
    finally:
        made.stop()
        thread.join(timeout=10)


def _log(message: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
    logging.getLogger(__name__).log(level, "%s", message, exc_info=traceback)
