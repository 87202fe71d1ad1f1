"""The kinds of places that an anchor is sent to: a file, a system log, a web server."""

from __future__ import annotations

import json
import logging
import os
import socket
import ssl
import stat
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass
from logging.handlers import SysLogHandler
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from api.settings import is_loopback
from cmdb.anchors import Anchor
from cmdb.model.errors import SurveymarkError, UsageError

SECONDS = 10
"""That a server may be silent; twice of it in all."""
DEVICE = "/dev/log"


class Target(Protocol):
    @property
    def label(self) -> str:
        """What logs and `doctor` call it; without anything secret."""

    def send(self, anchor: Anchor) -> None:
        """Raises SurveymarkError with the remedy where it could not be handed over."""


def target(text: str, token: str | None = None) -> Target:
    """From how it is written (anchoring.py). Raises UsageError; the message does not repeat a URL, which may hold a secret."""
    kind, _, rest = text.partition(":")
    if kind == "file" and rest.startswith("/"):
        return File(Path(rest))
    if kind == "syslog":
        host, _, port = rest.rpartition(":")
        if not rest or rest.startswith("/"):
            return Syslog(rest or DEVICE)
        if host and port.isascii() and port.isdigit() and 0 < int(port) < 65536:
            return Syslog((host.strip("[]"), int(port)))
    if kind == "https":
        return Webhook(text, token)
    raise UsageError("a target is file:/absolute/path, syslog:, syslog:/socket, syslog:HOST:PORT or https://HOST/PATH.")


def append(path: Path, anchor: Anchor) -> None:
    """Add the anchor's line to a regular file, made with mode 0600, and wait until it is on the disk. Raises SurveymarkError."""
    try:
        made = not path.exists()
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise SurveymarkError(f"{path} is no regular file; name another one for anchors.")
            torn = found.st_size > 0 and os.pread(descriptor, 1, found.st_size - 1) != b"\n"
            data = ("\n" if torn else "") + anchor.line() + "\n"
            if os.write(descriptor, data.encode()) != len(data):
                raise SurveymarkError(f"{path} took only a part of the anchor; make room on its disk.")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if made:
            _sync_folder(path.parent)
    except OSError as error:
        raise SurveymarkError(
            f"{path} can not be written: {error.strerror}; make its folder, or name another file for anchors."
        ) from error


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@dataclass(frozen=True)
class File:
    path: Path

    @property
    def label(self) -> str:
        return f"file:{self.path}"

    def send(self, anchor: Anchor) -> None:
        append(self.path, anchor)


@dataclass(frozen=True)
class Syslog:
    """`address` is the path of a socket, or (host, port), where UDP tells nobody whether it arrived."""

    address: str | tuple[str, int]

    @property
    def label(self) -> str:
        if isinstance(self.address, str):
            return f"syslog:{self.address}"
        host, port = self.address
        return f"syslog:{f'[{host}]' if ':' in host else host}:{port}"

    def send(self, anchor: Anchor) -> None:
        try:
            handler = _Loud(self.address, SysLogHandler.LOG_AUTH)
            try:
                handler.handle(
                    logging.makeLogRecord({"levelno": logging.INFO, "levelname": "INFO", "msg": anchor.line()})
                )
            finally:
                handler.close()
        except OSError as error:
            raise SurveymarkError(
                f"{self.label} did not take the anchor: {error.strerror or error}; start the log daemon, or name its socket."
            ) from error


class _Loud(SysLogHandler):
    """One that raises what went wrong; a record that is lost in silence is no anchor."""

    ident = "surveymark: "
    append_nul = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 - the library's name
        raise

    def createSocket(self) -> None:  # noqa: N802 - the library's name
        super().createSocket()
        made = getattr(self, "socket", None)
        if isinstance(made, socket.socket):
            made.settimeout(SECONDS)


class Webhook:
    """A server that takes a POST of the anchor, over TLS with its certificate verified, and answers 2xx."""

    def __init__(self, url: str, token: str | None) -> None:
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise UsageError("a target that begins with https: is no URL.") from None
        if not host or not url.isascii() or not url.isprintable() or " " in url:
            raise UsageError("a target that begins with https: is no URL.")
        if parts.username is not None or parts.password is not None:
            raise UsageError(f"the URL at {host} holds a user or a password: put a token into a file (chmod 600).")
        self._label = f"https://{f'[{host}]' if ':' in host else host}{f':{port}' if port else ''}"
        self._url, self._token = url, token
        handlers: list[Any] = [_NoRedirect(), urllib.request.HTTPSHandler(context=ssl.create_default_context())]
        if is_loopback(host):
            handlers.append(urllib.request.ProxyHandler({}))
        self._opener = urllib.request.build_opener(*handlers)

    @property
    def label(self) -> str:
        """Without path and question, where some servers want a secret."""
        return self._label

    def send(self, anchor: Anchor) -> None:
        failed: list[str | None] = []
        # The time limit of a socket is one of silence: a server that sends a byte now and then is left by the thread's.
        thread = threading.Thread(target=lambda: failed.append(self._post(anchor)), name="anchor", daemon=True)
        thread.start()
        thread.join(2 * SECONDS)
        if not failed:
            failed.append(f"no answer for {2 * SECONDS} s")
        if failed[0]:
            raise SurveymarkError(
                f"{self.label} did not take the anchor: {failed[0]}; see that it answers 2xx to a POST of JSON, that its "
                "certificate is of an authority that this machine knows (SSL_CERT_FILE), and that the token is its own."
            )

    def _post(self, anchor: Anchor) -> str | None:
        """None, or what went wrong; the answer's body is not read."""
        headers = {"Content-Type": "application/json", "User-Agent": "surveymark"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        body = json.dumps(anchor.document()).encode()
        request = urllib.request.Request(self._url, body, headers, method="POST")  # noqa: S310 - https only, see above
        try:
            with self._opener.open(request, timeout=SECONDS) as answer:
                return None if 200 <= answer.status < 300 else f"status {answer.status}"
        except urllib.error.HTTPError as error:
            error.close()
            return f"status {error.code}"
        except urllib.error.URLError as error:
            return f"{getattr(error.reason, 'strerror', None) or error.reason}"[:200]
        except Exception as error:  # noqa: BLE001 - the border to a server that may answer anything
            return type(error).__name__


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """It could carry the token elsewhere."""

    def redirect_request(self, *_: Any) -> None:
        return None
