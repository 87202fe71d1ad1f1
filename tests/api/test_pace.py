"""A server whose clients are slow, over real sockets."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from flask_openapi3.openapi import OpenAPI

from api.service import THREADS, address, server, serving
from api.settings import Settings
from tests.api.test_service import ask, certified


@contextmanager
def slow_clients(port: int, count: int, said: bytes) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        clients = [stack.enter_context(socket.create_connection(("127.0.0.1", port), 20)) for _ in range(count)]
        for client in clients:
            client.sendall(said)
        yield clients


@pytest.mark.parametrize(
    "said", [b"GET / HT", b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 90\r\n\r\ntoken="]
)
def test_more_slow_clients_than_threads_do_not_keep_others_out(app: OpenAPI, said: bytes) -> None:
    made = server(app, Settings(port=0), grace=1.0)
    with serving(made), slow_clients(made.bind_addr[1], THREADS + 2, said) as clients:
        assert ask(address(made, Settings()))["status"] == "ok"
        for client in clients:
            while client.recv(4096):
                pass


def test_a_client_that_says_nothing_does_not_hold_tls_up(app: OpenAPI, tmp_path: Path) -> None:
    settings = certified(tmp_path)
    made = server(app, settings, grace=1.0)
    trusted = ssl.create_default_context(cafile=str(settings.certificate))
    with serving(made), slow_clients(made.bind_addr[1], THREADS + 2, b""):
        assert ask(address(made, settings), trusted)["status"] == "ok"


def test_what_is_no_tls_ends_its_own_connection_only(
    app: OpenAPI, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = certified(tmp_path)
    made = server(app, settings)
    trusted = ssl.create_default_context(cafile=str(settings.certificate))
    with serving(made), slow_clients(made.bind_addr[1], 1, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n") as clients:
        while clients[0].recv(4096):
            pass
        assert ask(address(made, settings), trusted)["status"] == "ok"
    assert "Traceback" not in caplog.text


def test_a_large_request_that_keeps_coming_is_taken_however_long_it_takes(app: OpenAPI) -> None:
    made = server(app, Settings(port=0), grace=1.0)
    body = b"x" * 60_000
    head = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(body)
    with serving(made), slow_clients(made.bind_addr[1], 1, head) as clients:
        for start in range(0, len(body), 6000):
            clients[0].sendall(body[start : start + 6000])
        assert clients[0].recv(64).startswith(b"HTTP/1.1 401")
