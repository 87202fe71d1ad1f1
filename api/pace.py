"""Those who ask slowly: a server has few threads, and one that waits for bytes does nothing else.

A request (RFC 9112) may take `GRACE` seconds of waiting and one more for every `BYTES_A_SECOND` that came; beyond, its
connection ends. The TLS handshake (RFC 8446) counts as part of the first request and is waited for by the thread that answers it,
not by the one that accepts connections, which a single silent client would hold up for all.
"""

from __future__ import annotations

import socket
import ssl
import time
from typing import Any

from cheroot.errors import FatalSSLAlert
from cheroot.makefile import StreamReader, StreamWriter
from cheroot.server import HTTPConnection, HTTPRequest
from cheroot.ssl.builtin import BuiltinSSLAdapter

GRACE = 10.0
BYTES_A_SECOND = 4096


class PacedConnection(HTTPConnection):
    """A connection that is read at a pace; the server says how long its `grace` is."""

    def __init__(self, server: Any, sock: socket.socket, _makefile: Any = None) -> None:
        self.incoming = _Incoming(sock, server.grace)
        super().__init__(server, sock, self._file)

    def _file(self, sock: socket.socket, mode: str, size: int) -> StreamReader | StreamWriter:
        return _Reader(self.incoming, size) if "r" in mode else StreamWriter(sock, mode, size)


class PacedRequest(HTTPRequest):
    """A request, whose time begins when the first of it is there."""

    def parse_request(self) -> None:
        self.conn.incoming.begin()
        super().parse_request()


PacedConnection.RequestHandlerClass = PacedRequest


class PacedTLS(BuiltinSSLAdapter):
    """TLS whose handshake is left to the first read."""

    def wrap(self, sock: socket.socket) -> tuple[ssl.SSLSocket, dict[str, str]]:
        try:
            wrapped = self.context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        except OSError as error:
            raise FatalSSLAlert(*error.args) from error
        return wrapped, {"wsgi.url_scheme": "https", "HTTPS": "on"}


class _Incoming(socket.SocketIO):
    """What a socket brings. Only waiting counts, not the time that the application takes between two reads."""

    def __init__(self, sock: socket.socket, grace: float) -> None:
        super().__init__(sock, "rb")
        self._socket = sock
        self._grace = grace
        self.begin()

    def begin(self) -> None:
        self._left = self._grace

    def readinto(self, buffer: Any) -> int | None:
        usual = self._socket.gettimeout()
        if self._left <= 0:
            raise self._too_slow()
        began = time.monotonic()
        self._socket.settimeout(self._left)
        try:
            count = super().readinto(buffer)
        except TimeoutError:
            raise self._too_slow() from None
        except ssl.SSLError as error:
            raise FatalSSLAlert(*error.args) from error
        finally:
            self._socket.settimeout(usual)
        self._left += (count or 0) / BYTES_A_SECOND - (time.monotonic() - began)
        return count

    def _too_slow(self) -> Exception:
        """What cheroot answers with 408, or, where a handshake is not done yet and nothing can be said, with nothing."""
        if isinstance(self._socket, ssl.SSLSocket) and self._socket.version() is None:
            return FatalSSLAlert("no handshake in time")
        return TimeoutError("timed out")


class _Reader(StreamReader):
    """cheroot's reader over what comes in at a pace."""

    def __init__(self, incoming: _Incoming, size: int) -> None:
        super(StreamReader, self).__init__(incoming, size)
        self.bytes_read = 0
