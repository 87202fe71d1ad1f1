"""The two lines for a new host: a shell runs them, and each stops where file or server is not the one that was shown."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.one_file import NAME
from api.new_host import Identity, identity, lines
from cmdb.model.errors import UsageError
from tests.servers import certificates
from tests.servers.https_server import HttpsServer

FILE = b"#!/usr/bin/env python3\nprint('an agent')\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(FILE) + FILE
SHA256 = hashlib.sha256(FILE).hexdigest()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> certificates.Certificate:
    return certificates.issue(tmp_path_factory.mktemp("certificate"), "server", "IP:127.0.0.1")


@pytest.fixture
def url(certificate: certificates.Certificate) -> Iterator[str]:
    with HttpsServer(certificate.context(), ANSWER) as at:
        yield at.url


def fetched(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", "-c", line], cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def test_the_first_line_fetches_the_file_that_was_shown(
    url: str, certificate: certificates.Certificate, tmp_path: Path
) -> None:
    first, second = lines(url, SHA256, identity(certificate.certificate))

    done = fetched(first, tmp_path)

    assert done.returncode == 0, done.stderr
    assert (tmp_path / NAME).read_bytes() == FILE
    assert second == f"sudo python3 {NAME} install --server {url} --fingerprint {certificate.fingerprint}"


def test_another_file_stops_it(url: str, certificate: certificates.Certificate, tmp_path: Path) -> None:
    first, _ = lines(url, "0" * 64, identity(certificate.certificate))

    assert fetched(first, tmp_path).returncode != 0


def test_another_server_stops_it_before_anything_is_fetched(url: str, tmp_path: Path) -> None:
    other = certificates.issue(tmp_path, "other", "IP:127.0.0.1")
    first, _ = lines(url, SHA256, identity(other.certificate))

    assert fetched(first, tmp_path).returncode != 0
    assert not (tmp_path / NAME).exists()


def test_a_server_without_a_certificate_of_its_own_is_pinned_to_none() -> None:
    first, second = lines("https://cmdb.example.org", SHA256, None)

    assert "insecure" not in first
    assert second == f"sudo python3 {NAME} install --server https://cmdb.example.org"


def test_of_a_chain_the_first_certificate_counts(certificate: certificates.Certificate, tmp_path: Path) -> None:
    chain = tmp_path / "chain.pem"
    other = certificates.authority(tmp_path)
    chain.write_text(certificate.certificate.read_text() + other.certificate.read_text())

    assert identity(chain) == identity(certificate.certificate)
    assert isinstance(identity(chain), Identity)


def test_a_file_without_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing\n")

    with pytest.raises(UsageError, match="no certificate"):
        identity(tmp_path / "empty.pem")
