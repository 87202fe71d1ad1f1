"""Certificates of tests are what they are said to be."""

from __future__ import annotations

import contextlib
import ssl
from pathlib import Path

import pytest

from tests.servers.certificates import authority, issue


def test_one_that_is_issued_is_verified_by_its_authority_alone(tmp_path: Path) -> None:
    first, second = authority(tmp_path, "first"), authority(tmp_path, "second")
    issued = issue(tmp_path, "server", "IP:127.0.0.1", first)

    assert len(issued.fingerprint) == 64
    assert verified(issued.context(), ssl.create_default_context(cafile=str(first.certificate)))
    with pytest.raises(ssl.SSLCertVerificationError):
        verified(issued.context(), ssl.create_default_context(cafile=str(second.certificate)))


def verified(server: ssl.SSLContext, client: ssl.SSLContext) -> bool:
    """A handshake in memory."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = client.wrap_bio(to_client, to_server, server_hostname="127.0.0.1")
    theirs = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for end in (ours, theirs):
            with contextlib.suppress(ssl.SSLWantReadError):
                end.do_handshake()
    return ours.version() is not None
