"""Requests to the server: verified TLS or nothing, bounded in size and time, through the proxy that the host is set to use.

Source: HTTP/1.1 (RFC 9112), CONNECT (RFC 9110 section 9.3.6), TLS as the `ssl` module has it.
The certificate of the server is verified by the system's authorities, by those of a file, or it is the very one whose SHA-256
is given, within its dates. Plain HTTP goes to loopback only. There is no way to switch that off.
One request, one connection: what the agent has to say is rare. `ssl` and `http.client` are imported when something is sent.
"""

from __future__ import annotations

import hmac
import io
import os
import re
import socket
import time
from collections.abc import Mapping
from dataclasses import field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Optional, Union

from agent.certificate import validity
from agent.proxies import Proxy, proxy_for
from cmdb.model.dataclass import dataclass
from cmdb.model.errors import SurveymarkError, UsageError

if TYPE_CHECKING:
    import ssl

SECONDS = 60
"""Of a whole exchange; a long content has more, at _SLOWEST."""
_CONNECT_SECONDS = 15
_SLOWEST = 16 * 1024
"""Bytes a second of the slowest line that content is sent over."""
MOST_ANSWERED = 1024 * 1024
_MOST_HEAD = 64 * 1024
_BLOCK = 64 * 1024
_URL = re.compile(r"(https?)://(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?(/[!-~]*)?\Z")
_FINGERPRINT = re.compile(r"[0-9a-f]{64}\Z")


class Unreachable(SurveymarkError):
    """No answer that can be used: the message says why. `sent` is False where certainly nothing of the request was."""

    kind = "unreachable"

    def __init__(self, message: str, sent: bool = True) -> None:
        super().__init__(message)
        self.sent = sent


@dataclass(frozen=True)
class Answer:
    """What the server answered; names of fields in lower case."""

    status: int
    fields: Mapping[str, str]
    content: bytes


@dataclass(frozen=True)
class Server:
    """Where the server is, and how it proves to be it. `prefix` is the path that all of its paths begin with; `fingerprint` may
    be several, which commas part."""

    secure: bool
    host: str
    port: int
    prefix: str = ""
    ca_file: str = ""
    fingerprint: str = ""

    @property
    def url(self) -> str:
        scheme, usual = ("https", 443) if self.secure else ("http", 80)
        return f"{scheme}://{self.authority if self.port != usual else _bracketed(self.host)}{self.prefix}"

    @property
    def authority(self) -> str:
        """Host and port, as CONNECT names them."""
        return f"{_bracketed(self.host)}:{self.port}"


def server(url: str, ca_file: str = "", fingerprint: str = "") -> Server:
    """The server of a URL. Raises UsageError where the URL is none, would go over the network unprotected, or says a secret."""
    found = _URL.match(url)
    if found is None:
        raise UsageError(
            "That is no URL of a server: write https://host or https://host:port, without user or password."
        )
    scheme, host, port, path = found.groups()
    secure, host = scheme == "https", host.strip("[]")
    if not 1 <= int(port or 443) <= 65535:
        raise UsageError(f"{port} is no port.")
    if not secure and not is_loopback(host):
        raise UsageError("Plain HTTP would go over the network unprotected: write https://.")
    if ca_file and fingerprint:
        raise UsageError("Give a file of authorities, or the fingerprint of the certificate, not both.")
    pinned = fingerprint.lower().replace(":", "")
    if fingerprint and not all(_FINGERPRINT.match(one) for one in pinned.split(",")):
        raise UsageError(
            "A fingerprint is the SHA-256 of the server's certificate, 64 hex digits; a comma parts the present one from "
            "the next."
        )
    prefix = (path or "").rstrip("/")
    return Server(secure, host, int(port or (443 if secure else 80)), prefix, ca_file, pinned)


def is_loopback(host: str) -> bool:
    """True of names and addresses that never leave the machine."""
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


@dataclass
class Transport:
    """Sends requests to one server, one after the other. `version` is what the agent calls itself."""

    server: Server
    version: str = ""
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    seconds: float = SECONDS

    def request(self, method: str, target: str, fields: Mapping[str, str], content: bytes = b"") -> Answer:
        """The server's answer, whatever its status. `target` is path and query, without the server's prefix.

        Raises Unreachable: not reached, not the server that it should be, or no whole answer in time.
        """
        from http.client import HTTPException

        sent = False
        deadline = time.monotonic() + self.seconds + len(content) / _SLOWEST
        try:
            with self._connected(deadline) as line:
                sent = True
                return _exchange(line, method, self.server, target, self._fields(fields, content), content)
        except HTTPException as error:
            raise Unreachable(
                f"The server {self.server.url} answered nothing that is whole: {_said(error)}."
            ) from error
        except (OSError, ValueError) as error:
            raise Unreachable(f"The server {self.server.url} can not be reached: {_said(error)}.", sent) from error

    def _fields(self, fields: Mapping[str, str], content: bytes) -> dict[str, str]:
        own = {"Host": _bracketed(self.server.host) if self.server.port in (80, 443) else self.server.authority}
        if self.version:
            own["User-Agent"] = f"surveymark-agent/{self.version}"
        if content:
            own["Content-Length"] = str(len(content))
        return {**own, **fields}

    def _connected(self, deadline: float) -> Line:
        """A connection to the server, protected where it has to be."""
        at = self.server
        proxy = None if is_loopback(at.host) else proxy_for(at.host, at.port, at.secure, self.environment)
        where = (proxy.host, proxy.port) if proxy is not None else (at.host, at.port)
        plain = socket.create_connection(where, min(_CONNECT_SECONDS, max(0.1, deadline - time.monotonic())))
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if proxy is not None:
                _through(Line(plain, deadline), proxy, at)
            return Line(self._protected(plain, deadline) if at.secure else plain, deadline)
        except BaseException:
            plain.close()
            raise

    def _protected(self, plain: socket.socket, deadline: float) -> ssl.SSLSocket:
        """TLS over the connection; nothing has been said over it yet when the certificate is found to be wrong."""
        context = self._context()
        plain.settimeout(_left(deadline))
        protected = context.wrap_socket(plain, server_hostname=self.server.host)
        if self.server.fingerprint:
            try:
                _pinned(protected.getpeercert(binary_form=True) or b"", self.server.fingerprint)
            except BaseException:
                protected.close()
                raise
        return protected

    def _context(self) -> ssl.SSLContext:
        import ssl

        if self.server.fingerprint:  # the certificate itself is known: who issued it, and to which name, proves no more
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        else:
            try:
                context = ssl.create_default_context(cafile=self.server.ca_file or None)
            except OSError as error:
                what = f"the file of authorities {self.server.ca_file} can not be used: {_said(error)}"
                raise OSError(what) from error
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context


class Line:
    """A connection that is used until its deadline at most, and reads so many bytes at most."""

    def __init__(self, connection: Union[socket.socket, ssl.SSLSocket], deadline: float) -> None:
        self._connection = connection
        self._deadline = deadline

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def sendall(self, data: bytes) -> None:
        for at in range(0, len(data), _BLOCK):
            self._connection.settimeout(_left(self._deadline))
            self._connection.sendall(data[at : at + _BLOCK])

    def makefile(self, mode: str) -> io.BufferedReader:  # noqa: ARG002 - what http.client.HTTPResponse asks a socket for
        return _Whole(_Reading(self._connection, self._deadline))


class _Whole(io.BufferedReader):
    """Gives whole lines only: http.client takes the end of the connection for the end of the header."""

    def readline(self, size: Optional[int] = -1) -> bytes:
        line = super().readline(size)
        if not line.endswith(b"\n") and (size is None or size < 0 or len(line) < size):
            raise OSError("it broke off")
        return line


class _Reading(io.RawIOBase):
    def __init__(self, connection: Union[socket.socket, ssl.SSLSocket], deadline: float) -> None:
        self._connection = connection
        self._deadline = deadline
        self._most = MOST_ANSWERED + 2 * _MOST_HEAD

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._connection.settimeout(_left(self._deadline))
        count = self._connection.recv_into(buffer)
        self._most -= count
        if self._most < 0:
            raise OSError(f"it answered more than {MOST_ANSWERED} bytes")
        return count


def _exchange(line: Line, method: str, at: Server, target: str, fields: Mapping[str, str], content: bytes) -> Answer:
    """Send the request and read the answer. A server that answers before it has read all is heard nevertheless."""
    head = "".join(
        [f"{method} {at.prefix}{target} HTTP/1.1\r\n", *(f"{n}: {v}\r\n" for n, v in fields.items()), "\r\n"]
    )
    if head.count("\r\n") != len(fields) + 2 or head.count("\n") != len(fields) + 2:
        raise ValueError("a field of the request has a line end in it")
    broken: Optional[OSError] = None
    try:
        line.sendall(head.encode("ascii") + content)
    except OSError as error:
        broken = error
    try:
        return _answer(line, method)
    except OSError as error:
        raise (broken or error) from None


def _answer(line: Line, method: str) -> Answer:
    from http.client import HTTPResponse, IncompleteRead

    response = HTTPResponse(line, method=method)  # type: ignore[arg-type]
    try:
        response.begin()
        fields = {name.lower(): value for name, value in response.getheaders()}
        content = response.read(MOST_ANSWERED + 1) if method != "HEAD" else b""
        if len(content) > MOST_ANSWERED:
            raise OSError(f"it answered more than {MOST_ANSWERED} bytes")
        if response.length:  # read() with a limit does not tell that the answer broke off
            raise IncompleteRead(content, response.length)
        return Answer(response.status, fields, content)
    finally:
        response.close()


def _through(line: Line, proxy: Proxy, at: Server) -> None:
    """Have the proxy connect to the server. Its password is in no message."""
    given = f"Proxy-Authorization: {proxy.authorization}\r\n" if proxy.authorization else ""
    line.sendall(f"CONNECT {at.authority} HTTP/1.1\r\nHost: {at.authority}\r\n{given}\r\n".encode("ascii"))
    from http.client import HTTPResponse

    response = HTTPResponse(line, method="CONNECT")  # type: ignore[arg-type]
    response.begin()
    if response.status != 200:
        raise OSError(f"the proxy {proxy.host}:{proxy.port} answered {response.status} {response.reason[:80]}")


def _pinned(der: bytes, fingerprint: str) -> None:
    """Raises OSError where the certificate is not the one that was named, or its time is over."""
    found = sha256(der).hexdigest()
    if not any(hmac.compare_digest(found, one) for one in fingerprint.split(",")):
        raise OSError(
            f"its certificate has the fingerprint {found}, not {fingerprint}: this is another server, or a new one"
        )
    begins, ends = validity(der)
    if not begins <= time.time() <= ends:
        raise OSError("its certificate, whose fingerprint is the given one, has expired or is not valid yet")


def _left(deadline: float) -> float:
    """Seconds left. Raises TimeoutError where there are none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise socket.timeout
    return left


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _said(error: BaseException) -> str:
    """What an error says, on one line."""
    if isinstance(error, socket.timeout):
        return "it took too long"
    verified = getattr(error, "verify_message", "")
    text = verified or getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(text).split())[:300].rstrip(".")
