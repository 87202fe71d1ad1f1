"""Public keys. Fingerprints and sizes are those that `ssh-keygen -l` printed."""

from __future__ import annotations

import base64

import pytest

from agent.fact import ParseError
from agent.public_keys import PublicKey, parse

ED25519 = "AAAAC3NzaC1lZDI1NTE5AAAAIGZFug5EUNVLir0smU8opqYP2z4yWgFM6BZm0/8DIsqj"


def test_a_fingerprint_is_that_of_ssh_keygen() -> None:
    found = parse("ssh-ed25519", ED25519)

    assert found == PublicKey("ssh-ed25519", "SHA256:8bSha5E0DUGWjrxaRzmt5wGugBtcY90VmeOKdycJ8xg", None)


@pytest.mark.parametrize(
    ("key_type", "text"),
    [
        ("ssh-rsa", ED25519),
        ("ssh-ed25519", ED25519[:-4]),
        ("ssh-ed25519", ED25519[:-1]),
        ("ssh-ed25519", ""),
        ("ssh-ed25519", "AAAA"),
        ("ssh-ed25519", "-----BEGIN"),
        ("", ED25519),
    ],
)
def test_what_is_no_key_is_not_quoted(key_type: str, text: str) -> None:
    with pytest.raises(ParseError) as failed:
        parse(key_type, text)
    assert not text or text not in str(failed.value)


def test_a_blob_of_nothing_but_lengths_takes_time_in_proportion() -> None:
    blob = b"\0\0\0\7ssh-rsa" + b"\0\0\0\0" * 150_000

    assert parse("ssh-rsa", base64.b64encode(blob).decode()).bits == 0
