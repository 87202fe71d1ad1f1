"""A server of a test that speaks TLS on loopback and answers what it is told to, whole or not. Runs under Python 3.9 too."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from typing import Any, Optional, Union

Answering = Union[bytes, Callable[[bytes], bytes]]


class HttpsServer:
    """Answers one request a connection: each by the next of `answers`, the last one again and again.

    An answer is its bytes, or made from those of the request, which `requests` keeps, head and content, as they came.
    """

    def __init__(self, context: Optional[ssl.SSLContext], *answers: Answering) -> None:
        self.requests: list[bytes] = []
        self.answers = list(answers)
        self.busy = 0
        self.busiest = 0
        self._context = context
        self._lock = threading.Lock()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> HttpsServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(10)

    @property
    def url(self) -> str:
        return f"{'https' if self._context else 'http'}://127.0.0.1:{self.port}"

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, plain: socket.socket) -> None:
        plain.settimeout(20)
        try:
            connection = self._context.wrap_socket(plain, server_side=True) if self._context else plain
            with connection:
                request = received(connection)
                with self._lock:
                    self.busy += 1
                    self.busiest = max(self.busy, self.busiest)
                    self.requests.append(request)
                    answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                said = answer(request) if callable(answer) else answer
                with self._lock:
                    self.busy -= 1
                connection.sendall(said)
        except (OSError, ValueError):
            pass  # a client that does not like the certificate, or went away
        finally:
            plain.close()


def received(connection: Union[socket.socket, ssl.SSLSocket]) -> bytes:
    """One request, head and content."""
    data = b""
    while b"\r\n\r\n" not in data:
        block = connection.recv(65536)
        if not block:
            raise ValueError("the client went away")
        data += block
    head, _, content = data.partition(b"\r\n\r\n")
    length = int(dict(fields(data)).get("content-length", "0"))
    while len(content) < length:
        content += connection.recv(65536)
    return head + b"\r\n\r\n" + content


def fields(request: bytes) -> list[tuple[str, str]]:
    """The header fields of a request, names in lower case."""
    lines = request.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
    return [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]


def content(request: bytes) -> bytes:
    return request.partition(b"\r\n\r\n")[2]


def answer(status: int, said: Any = None, **named: str) -> bytes:
    """An answer with a JSON document."""
    body = b"" if said is None else json.dumps(said).encode()
    return raw(status, body, {"Content-Type": "application/json", **{n.replace("_", "-"): v for n, v in named.items()}})


def raw(status: int, body: bytes, named: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}", *(f"{n}: {v}" for n, v in named.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body
