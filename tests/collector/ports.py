"""Ports of this machine that answer as tests want, or not at all."""

from __future__ import annotations

import contextlib
import socket
import threading

from collector.target import Target


class Listener:
    """A port of this machine that says something to whoever comes, and counts them; on a thread, ended with the test."""

    def __init__(self, says: bytes = b"SSH-2.0-Test_1\r\n", address: str = "127.0.0.1", port: int = 0) -> None:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.socket = socket.create_server((address, port), family=family, backlog=64)
        self.port: int = self.socket.getsockname()[1]
        self.address = address
        self.received: list[bytes] = []
        self.visits = 0
        self._says = says
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        open_ones = []
        while True:
            try:
                visitor, _ = self.socket.accept()
            except OSError:
                break
            self.visits += 1
            visitor.settimeout(0.05)
            if self._says:
                visitor.sendall(self._says)
            with contextlib.suppress(TimeoutError, ConnectionResetError):
                self.received.append(visitor.recv(100))
            open_ones.append(visitor)
        for visitor in open_ones:
            visitor.close()

    def target(self, name: str = "", **more: object) -> Target:
        return Target(name or self.address, self.address, self.port, **more)  # type: ignore[arg-type]

    def end(self) -> None:
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self._thread.join()


class Deaf:
    """A port that drops whoever comes: its queue of connections is full and nobody takes from it."""

    def __init__(self, address: str, port: int = 0) -> None:
        self.socket = socket.socket()
        self.socket.bind((address, port))
        self.socket.listen(0)
        self.address, self.port = self.socket.getsockname()
        self._fill = socket.create_connection((self.address, self.port), timeout=5)

    def target(self, name: str = "") -> Target:
        return Target(name or self.address, self.address, self.port)

    def end(self) -> None:
        self._fill.close()
        self.socket.close()
