"""A TCP proxy before a Bolt server that loses the connection: at a COMMIT, before or after the server has heard of it, or
after any number of bytes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal
from urllib.parse import urlsplit

COMMIT = b"\x00\x02\xb0\x12\x00\x00"
"""A chunk of two bytes, the message COMMIT without fields (Bolt message specification), the end of the message."""


class LossyProxy:
    """Forwards to a server; `lose` says what becomes of the next COMMIT, `cut_after` how many bytes of either direction are
    forwarded before all connections of that moment are cut, once."""

    def __init__(self, server: str) -> None:
        parts = urlsplit(server)
        self._server = (parts.hostname or "", parts.port or 7687)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"bolt://127.0.0.1:{self._listening.getsockname()[1]}"
        self.lose: Literal["no", "before", "after"] = "no"
        self.lost = 0
        self.cut_after: int | None = None
        self._open: list[socket.socket] = []
        self._counting = threading.Lock()
        self._withhold = False
        self._withheld = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(self._server)
                self._open = [client, server, *self._open[:20]]
                threading.Thread(target=self._forward, args=(client, server), daemon=True).start()
                threading.Thread(target=self._back, args=(server, client), daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                if COMMIT in data and self.lose != "no":
                    how, self.lose = self.lose, "no"
                    self.lost += 1
                    if how == "after":
                        self._withheld.clear()
                        self._withhold = True
                        server.sendall(data)
                        self._withheld.wait(10)
                    break
                if self._cut(data, server):
                    break
                server.sendall(data)
        _end(client, server)

    def _back(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                if self._withhold:
                    self._withhold = False
                    self._withheld.set()
                    return
                if self._cut(data, client):
                    break
                client.sendall(data)
        _end(client, server)

    def _cut(self, data: bytes, to: socket.socket) -> bool:
        """Whether these bytes are the ones in which the connections are cut; those before it are sent."""
        with self._counting:
            if self.cut_after is None:
                return False
            if len(data) <= self.cut_after:
                self.cut_after -= len(data)
                return False
            with suppress(OSError):
                to.sendall(data[: self.cut_after])
            self.cut_after = None
            self.lost += 1
            cut, self._open = self._open, []
        _end(*cut)
        return True


@contextmanager
def lossy(server: str) -> Iterator[LossyProxy]:
    """A proxy before the server at a bolt URL."""
    proxy = LossyProxy(server)
    try:
        yield proxy
    finally:
        proxy.close()


def _end(*ends: socket.socket) -> None:
    for one in ends:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
