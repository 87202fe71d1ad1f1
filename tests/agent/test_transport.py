"""Requests over real TLS on loopback: only to the server that is meant, whole or not at all, through a proxy where one is set."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from agent import transport as subject
from agent.transport import Transport, Unreachable, server
from cmdb.model.errors import UsageError
from tests.servers import certificates
from tests.servers.certificates import Certificate
from tests.servers.https_server import HttpsServer, answer, content, fields, raw
from tests.servers.proxy_server import ProxyServer

OK = answer(200, {"said": "yes"})


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificates.authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def good(authority: Certificate, tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificates.issue(tmp_path_factory.mktemp("good"), "good", "IP:127.0.0.1,DNS:cmdb.test", authority)


def ask(at: HttpsServer, ca: Certificate | None = None, fingerprint: str = "", **options: Any) -> subject.Answer:
    to = server(at.url, str(ca.certificate) if ca else "", fingerprint)
    return Transport(to, "1.2", options.pop("environment", {}), **options).request("GET", "/x?y=1", {"A": "b"})


def why(at: HttpsServer, ca: Certificate | None = None, fingerprint: str = "", **options: Any) -> str:
    with pytest.raises(Unreachable) as error:
        ask(at, ca, fingerprint, **options)
    return error.value.message


def test_a_server_of_the_authority_is_asked(good: Certificate, authority: Certificate) -> None:
    with HttpsServer(good.context(), OK) as at:
        found = ask(at, authority)

    assert (found.status, found.content) == (200, b'{"said": "yes"}')
    assert found.fields["content-type"] == "application/json"
    assert at.requests[0].startswith(b"GET /x?y=1 HTTP/1.1\r\n")
    assert fields(at.requests[0]) == [
        ("host", f"127.0.0.1:{at.port}"),
        ("user-agent", "surveymark-agent/1.2"),
        ("a", "b"),
    ]


def test_content_is_sent_whole(good: Certificate, authority: Certificate) -> None:
    much = bytes(range(256)) * 4096
    with HttpsServer(good.context(), OK) as at:
        Transport(server(at.url, str(authority.certificate)), environment={}).request("POST", "/", {}, much)

    assert content(at.requests[0]) == much


def test_the_very_certificate_that_is_pinned_will_do(tmp_path: Path) -> None:
    own = certificates.issue(tmp_path, "own", "DNS:elsewhere")
    with HttpsServer(own.context(), OK) as at:
        assert ask(at, fingerprint=own.fingerprint.upper()).status == 200


def test_another_certificate_than_the_pinned_one_gets_nothing(good: Certificate, authority: Certificate) -> None:
    with HttpsServer(good.context(), OK) as at:
        said = why(at, fingerprint=authority.fingerprint)

    assert good.fingerprint in said
    assert not at.requests


@pytest.mark.parametrize("pinned", [True, False])
def test_a_certificate_that_has_expired_gets_nothing(tmp_path: Path, authority: Certificate, pinned: bool) -> None:
    old = certificates.issue(tmp_path, "old", "IP:127.0.0.1", authority, expired=True)
    with HttpsServer(old.context(), OK) as at:
        said = why(at, fingerprint=old.fingerprint) if pinned else why(at, authority)

    assert "expired" in said
    assert not at.requests


def test_a_certificate_of_another_host_gets_nothing(tmp_path: Path, authority: Certificate) -> None:
    other = certificates.issue(tmp_path, "other", "IP:127.0.0.2,DNS:localhost", authority)
    with HttpsServer(other.context(), OK) as at:
        said = why(at, authority)

    assert "127.0.0.1" in said
    assert not at.requests


def test_an_authority_that_nobody_named_is_none(good: Certificate) -> None:
    with HttpsServer(good.context(), OK) as at:
        said = why(at)

    assert "certificate" in said
    assert not at.requests


def test_a_file_of_authorities_that_is_missing_says_so(good: Certificate, tmp_path: Path) -> None:
    with HttpsServer(good.context(), OK) as at:
        to = server(at.url, str(tmp_path / "missing.pem"))
        with pytest.raises(Unreachable, match=r"missing\.pem"):
            Transport(to, environment={}).request("GET", "/", {})


def test_a_server_without_tls_gets_nothing(authority: Certificate) -> None:
    with HttpsServer(None, OK) as at:
        to = server(at.url.replace("http:", "https:"), str(authority.certificate))
        with pytest.raises(Unreachable):
            Transport(to, environment={}, seconds=0.5).request("GET", "/secret", {})

    assert not any(b"secret" in request for request in at.requests)


def test_where_nobody_listens_nothing_was_sent() -> None:
    free = socket.create_server(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()

    with pytest.raises(Unreachable) as error:
        Transport(server(f"https://127.0.0.1:{port}"), environment={}).request("GET", "/", {})

    assert error.value.sent is False
    assert "refused" in error.value.message.lower()


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\0" * 100,
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nA: " + b"b" * 100_000 + b"\r\n\r\n",
    ],
    ids=["nothing", "zeros", "ssh", "half a head", "half", "half a chunk", "no chunk", "many fields", "a long field"],
)
def test_what_is_no_whole_answer_is_none(good: Certificate, authority: Certificate, said: bytes) -> None:
    with HttpsServer(good.context(), said) as at, pytest.raises(Unreachable) as error:
        ask(at, authority)

    assert error.value.sent is True
    assert "\n" not in error.value.message


@pytest.mark.parametrize("length", [True, False])
def test_an_answer_without_end_is_left(good: Certificate, authority: Certificate, length: bool) -> None:
    much = b"x" * (subject.MOST_ANSWERED + 200_000)
    said = raw(200, much, {}) if length else b"HTTP/1.1 200 OK\r\n\r\n" + much

    with HttpsServer(good.context(), said) as at:
        assert "more than" in why(at, authority)


def test_any_status_is_an_answer(good: Certificate, authority: Certificate) -> None:
    with HttpsServer(good.context(), raw(500, b"<html>", {"Retry-After": "7"})) as at:
        found = ask(at, authority)

    assert (found.status, found.fields["retry-after"]) == (500, "7")


@contextmanager
def dripping(context: Any, head: bytes) -> Iterator[int]:
    """The port of a server that says a byte every 50 ms, without end."""
    ended = threading.Event()
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        plain, _ = listening.accept()
        try:
            with context.wrap_socket(plain, server_side=True) as connection:
                connection.recv(65536)
                connection.sendall(head)
                while not ended.wait(0.05):
                    connection.sendall(b"x")
        except OSError:
            pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        ended.set()
        thread.join(10)
        listening.close()


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 ", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"])
def test_an_answer_in_drops_is_left_when_its_time_is_over(
    good: Certificate, authority: Certificate, head: bytes
) -> None:
    with dripping(good.context(), head) as port:
        began = time.monotonic()
        to = server(f"https://127.0.0.1:{port}", str(authority.certificate))
        with pytest.raises(Unreachable, match="too long"):
            Transport(to, environment={}, seconds=0.5).request("GET", "/", {})

    assert time.monotonic() - began < 60  # of 9999 drops it would have been eight minutes


def test_through_a_proxy_it_is_the_same_verified_server(good: Certificate, authority: Certificate) -> None:
    with HttpsServer(good.context(), OK) as at, ProxyServer(at.port, "user:pass") as proxy:
        to = server("https://cmdb.test", str(authority.certificate))
        environment = {"HTTPS_PROXY": f"http://user:pass@127.0.0.1:{proxy.port}"}
        found = Transport(to, environment=environment).request("GET", "/x", {})

    assert found.status == 200
    assert proxy.asked == ["CONNECT cmdb.test:443 HTTP/1.1"]
    assert fields(at.requests[0]) == [("host", "cmdb.test")]


def test_a_proxy_can_not_put_another_server_in_its_place(tmp_path: Path, authority: Certificate) -> None:
    other = certificates.issue(tmp_path, "other", "DNS:other.test", authority)
    with HttpsServer(other.context(), OK) as at, ProxyServer(at.port) as proxy:
        to = server("https://cmdb.test", str(authority.certificate))
        with pytest.raises(Unreachable, match=r"cmdb\.test"):
            Transport(to, environment={"https_proxy": f"127.0.0.1:{proxy.port}"}).request("GET", "/", {})

    assert not at.requests


def test_a_proxy_that_refuses_says_so_without_the_password() -> None:
    with ProxyServer(1, "user:right") as proxy:
        environment = {"HTTPS_PROXY": f"http://user:wrong@127.0.0.1:{proxy.port}"}
        with pytest.raises(Unreachable) as error:
            Transport(server("https://cmdb.test"), environment=environment).request("GET", "/", {})

    assert "407" in error.value.message
    assert "wrong" not in error.value.message


def test_no_proxy_stands_between_a_host_and_itself(good: Certificate, authority: Certificate) -> None:
    with HttpsServer(good.context(), OK) as at:
        assert ask(at, authority, environment={"HTTPS_PROXY": "http://127.0.0.1:1"}).status == 200


def test_a_line_end_in_a_field_is_not_sent(good: Certificate, authority: Certificate) -> None:
    with HttpsServer(good.context(), OK) as at:
        to = server(at.url, str(authority.certificate))
        with pytest.raises(Unreachable, match="line end"):
            Transport(to, environment={}).request("GET", "/", {"A": "b\r\nC: d"})

    assert not at.requests


@pytest.mark.parametrize(
    ("url", "authority", "shown"),
    [
        ("https://cmdb.example", "cmdb.example:443", "https://cmdb.example"),
        ("https://cmdb.example:8443/", "cmdb.example:8443", "https://cmdb.example:8443"),
        ("https://cmdb.example/surveymark/", "cmdb.example:443", "https://cmdb.example/surveymark"),
        ("https://[fd00::1]", "[fd00::1]:443", "https://[fd00::1]"),
        ("http://127.0.0.1:8765", "127.0.0.1:8765", "http://127.0.0.1:8765"),
        ("http://localhost:8765", "localhost:8765", "http://localhost:8765"),
        ("http://[::1]:8765", "[::1]:8765", "http://[::1]:8765"),
    ],
)
def test_a_url_says_where_the_server_is(url: str, authority: str, shown: str) -> None:
    found = server(url)

    assert (found.authority, found.url) == (authority, shown)


@pytest.mark.parametrize(
    "url",
    ["http://cmdb.example", "http://10.0.0.1", "http://localhost.example", "ftp://x", "cmdb.example", "https://u:secret@x", "",
     "https://x:99999", "https://x:0", "https://x\r\n", "https://x/\u00e9", "https://x y"],
)  # fmt: skip
def test_a_url_that_would_not_do_is_refused(url: str) -> None:
    with pytest.raises(UsageError) as error:
        server(url)

    assert "secret" not in error.value.message


def test_a_server_is_verified_in_one_way() -> None:
    with pytest.raises(UsageError, match="not both"):
        server("https://x", "ca.pem", "0" * 64)
    with pytest.raises(UsageError, match="64 hex digits"):
        server("https://x", fingerprint="12ab")
    assert server("https://x", fingerprint=":".join(["AB"] * 32)).fingerprint == "ab" * 32
