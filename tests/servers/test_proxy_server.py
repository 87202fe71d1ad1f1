"""The proxy of tests connects who says its password."""

from __future__ import annotations

import base64
import socket

from tests.servers.https_server import HttpsServer, answer
from tests.servers.proxy_server import ProxyServer


def test_who_says_the_password_is_connected() -> None:
    with HttpsServer(None, answer(200, {})) as at, ProxyServer(at.port, "a:b") as proxy:
        refused = asked(proxy.port, "a:c")
        connected = asked(proxy.port, "a:b")

    assert b" 407 " in refused
    assert b" 200 Connection" in connected
    assert b" 200 Said" in connected
    assert len(at.requests) == 1


def asked(port: int, password: str) -> bytes:
    said = base64.b64encode(password.encode())
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(b"CONNECT x:1 HTTP/1.1\r\nProxy-Authorization: Basic " + said + b"\r\n\r\n")
        head = connection.recv(4096)
        if b" 200 " in head:
            connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        return head + connection.makefile("rb").read()
