"""The agent as it is given out: its signature is good for anybody who checks it with other software, and its key stays here."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from agent.one_file import NAME, build
from api.agent_file import PUBLIC_KEY, SIGNATURE, VARIABLE, agent_file, main
from cmdb.model.errors import UsageError


def checked(folder: Path) -> str:
    """What openssl says of the three files."""
    argv = [
        "openssl",
        "pkeyutl",
        "-verify",
        "-pubin",
        "-inkey",
        PUBLIC_KEY,
        "-rawin",
        "-in",
        NAME,
        "-sigfile",
        SIGNATURE,
    ]
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout.strip()


def test_openssl_verifies_what_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(str(tmp_path / "dist")) == 0

    assert checked(tmp_path / "dist") == "Signature Verified Successfully"
    sha256, name = capsys.readouterr().out.split()
    assert hashlib.sha256(Path(name).read_bytes()).hexdigest() == sha256
    assert Path(name).read_bytes() == build()


def test_a_changed_file_does_not_verify(tmp_path: Path) -> None:
    main(str(tmp_path))
    with (tmp_path / NAME).open("ab") as file:
        file.write(b"x")

    assert checked(tmp_path) == "Signature Verification Failure"


def test_the_key_is_born_once_and_nobody_else_reads_it(tmp_path: Path) -> None:
    first, second = agent_file(tmp_path), agent_file(tmp_path)

    (key,) = tmp_path.iterdir()
    assert key.stat().st_mode & 0o777 == 0o600
    assert first == second
    assert b"PRIVATE" not in first.public_key


def test_a_key_that_is_named_signs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    agent_file(tmp_path / "a")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "a" / "agent-signing.key"))

    assert agent_file(tmp_path / "b") == agent_file()
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize(
    ("make", "what"),
    [
        ("genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:1024", "no Ed25519 key"),
        ("genpkey -algorithm ed25519 -aes256 -pass pass:x", "without a passphrase"),
        ("prime 65537", "no private key"),
    ],
)
def test_another_kind_of_key_is_refused_with_what_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: str, what: str
) -> None:
    key = tmp_path / "key.pem"
    made = subprocess.run(["openssl", *make.split()], check=True, capture_output=True, timeout=60)
    key.write_bytes(made.stdout)
    key.chmod(0o600)
    monkeypatch.setenv(VARIABLE, str(key))

    with pytest.raises(UsageError, match=what):
        agent_file()


def test_a_key_that_others_can_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    agent_file(tmp_path)
    key = tmp_path / "agent-signing.key"
    key.chmod(0o644)
    monkeypatch.setenv(VARIABLE, str(key))

    with pytest.raises(UsageError, match="chmod 600"):
        agent_file()
    assert main(str(tmp_path / "dist")) == 2
