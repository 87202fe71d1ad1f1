"""Anchors arrive in a real file, at a real socket, at a real server with TLS, or it is said why not."""

from __future__ import annotations

import http.server
import json
import os
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api import anchor_targets
from api.anchor_targets import append, target
from cmdb.anchors import Anchor, read
from cmdb.model.errors import SurveymarkError, UsageError
from tests.api.test_service import certified

ANCHOR = Anchor("a" * 64, 7, "2026-01-01T00:00:00.000000Z", "b" * 64, "2026-01-02T00:00:00.000000Z")


def test_a_file_gets_a_line_each_time_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "anchors"
    made = target(f"file:{path}")

    made.send(ANCHOR)
    made.send(ANCHOR)

    assert [read(line) for line in path.read_text().splitlines()] == [ANCHOR, ANCHOR]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_line_that_was_torn_by_a_crash_does_not_spoil_the_next(tmp_path: Path) -> None:
    path = tmp_path / "anchors"
    path.write_text('{"anchor": 1, "gen')

    append(path, ANCHOR)

    assert read(path.read_text().splitlines()[1]) == ANCHOR


def test_links_pipes_and_missing_folders_are_refused_with_the_remedy(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for path in (tmp_path / "pipe", tmp_path / "link", tmp_path / "no" / "anchors", tmp_path):
        with pytest.raises(SurveymarkError, match="file"):
            append(path, ANCHOR)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("family", [socket.AF_UNIX, socket.AF_INET])
def test_a_log_daemon_gets_a_datagram(family: socket.AddressFamily, tmp_path: Path) -> None:
    with socket.socket(family, socket.SOCK_DGRAM) as daemon:
        daemon.bind(str(tmp_path / "log") if family == socket.AF_UNIX else ("127.0.0.1", 0))
        daemon.settimeout(10)
        name = daemon.getsockname()
        made = target(f"syslog:{name if isinstance(name, str) else '127.0.0.1:' + str(name[1])}")

        made.send(ANCHOR)

        data = daemon.recv(4096).decode()
    assert data.startswith("<38>surveymark: {")  # auth.info
    assert read(data) == ANCHOR


def test_a_log_daemon_that_is_away_is_said(tmp_path: Path) -> None:
    with pytest.raises(SurveymarkError, match=r"did not take the anchor.*start the log daemon"):
        target(f"syslog:{tmp_path}/none").send(ANCHOR)


class Hook:
    """A server with TLS that keeps what is posted to it and answers `status`."""

    def __init__(self, folder: Path) -> None:
        self.settings = certified(folder)
        self.status = 204
        self.silent = threading.Event()
        self.got: list[tuple[str, str | None, Any]] = []
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                hook.got.append((self.path, self.headers["Authorization"], body))
                if hook.status == 0:
                    hook.silent.wait(20)
                    return
                self.send_response(hook.status)
                self.send_header("Location", hook.url("/elsewhere"))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(str(self.settings.certificate), str(self.settings.key))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)

    def url(self, path: str) -> str:
        return f"https://127.0.0.1:{self.server.server_address[1]}{path}"


@pytest.fixture
def hook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    made = Hook(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.settings.certificate))
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.silent.set()
        made.server.shutdown()
        made.server.server_close()
        thread.join(10)


def test_a_web_server_gets_the_anchor_and_the_token(hook: Hook) -> None:
    target(hook.url("/in?to=audit"), "secret").send(ANCHOR)

    assert hook.got == [("/in?to=audit", "Bearer secret", ANCHOR.document())]


@pytest.mark.parametrize("status", [302, 307, 404, 500])
def test_an_answer_other_than_2xx_is_a_failure_and_no_redirect_is_followed(hook: Hook, status: int) -> None:
    hook.status = status
    with pytest.raises(SurveymarkError, match=f"status {status}"):
        target(hook.url("/in"), "secret").send(ANCHOR)
    assert [path for path, _, _ in hook.got] == ["/in"]


def test_a_server_whose_authority_is_unknown_gets_nothing(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(SurveymarkError, match="CERTIFICATE_VERIFY_FAILED"):
        target(hook.url("/in")).send(ANCHOR)
    assert hook.got == []


def test_a_server_that_never_answers_is_left(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anchor_targets, "SECONDS", 0.5)
    hook.status = 0
    with pytest.raises(SurveymarkError, match="did not take the anchor"):
        target(hook.url("/in")).send(ANCHOR)


def test_what_is_told_of_a_failure_holds_neither_path_nor_token(hook: Hook) -> None:
    hook.status = 500
    made = target(hook.url("/services/T0SECRET?key=k3y"), "t0ken")
    with pytest.raises(SurveymarkError) as caught:
        made.send(ANCHOR)
    for secret in ("T0SECRET", "k3y", "t0ken"):
        assert secret not in caught.value.message + made.label


@pytest.mark.parametrize(
    "text",
    ["", "file:relative", "syslog:host", "syslog:host:0", "syslog:host:99999", "http://127.0.0.1/", "ftp://x", "https://",
     "https://user:hunter2@host/", "https://hunter2@host/", "https://host:hunter2/", "https://[hunter2/"],
)  # fmt: skip
def test_what_is_no_target_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        target(text)
    assert "hunter2" not in caught.value.message
