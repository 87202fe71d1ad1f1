"""An HTTP proxy of a test that knows CONNECT (RFC 9110 section 9.3.6). Runs under Python 3.9 too."""

from __future__ import annotations

import base64
import socket
import threading

from tests.servers.https_server import fields, received


class ProxyServer:
    """Connects whoever says the right password to `port` of loopback, whatever was asked for, which `asked` keeps."""

    def __init__(self, port: int, password: str = "") -> None:
        self.asked: list[str] = []
        self._to = port
        self._expected = "Basic " + base64.b64encode(password.encode()).decode() if password else ""
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> ProxyServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(10)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, client: socket.socket) -> None:
        client.settimeout(20)
        try:
            with client:
                request = received(client)
                self.asked.append(request.split(b"\r\n", 1)[0].decode())
                if self._expected and dict(fields(request)).get("proxy-authorization") != self._expected:
                    client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
                    return
                with socket.create_connection(("127.0.0.1", self._to), 20) as server:
                    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    back = threading.Thread(target=_copy, args=(server, client), daemon=True)
                    back.start()
                    _copy(client, server)
                    back.join(20)
        except (OSError, ValueError):
            pass


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while block := source.recv(65536):
            target.sendall(block)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass
