"""The TLS server of tests keeps what it was asked, and answers in turn."""

from __future__ import annotations

import socket

from tests.servers.https_server import HttpsServer, answer, content, fields


def test_answers_come_in_turn_and_the_last_one_stays() -> None:
    with HttpsServer(None, answer(500), answer(200, {})) as at:
        said = [asked(at.port) for _ in range(3)]

    assert [line.split()[1] for line in said] == [b"500", b"200", b"200"]
    assert content(at.requests[0]) == b"hello"
    assert ("content-length", "5") in fields(at.requests[0])
    assert at.busiest == 1


def asked(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello")
        return connection.makefile("rb").read()
