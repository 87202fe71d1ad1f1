from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import paramiko
import pytest
from paramiko.message import Message

from collector.login import KeyFile
from collector.secret import Secret
from collector.ssh.signers import Keys, Unusable, agent_signers, algorithm_for
from tests.lab.ssh_keys import certify, key_pair

PASSPHRASE = "a passphrase of some length"


@pytest.mark.parametrize(
    ("type", "format"),
    [
        ("ed25519", "RFC4716"),
        *((t, f) for t in ("ecdsa-256", "ecdsa-521", "rsa-2048") for f in ("RFC4716", "PEM", "PKCS8")),
    ],
)
def test_keys_of_each_type_and_format_are_read_and_their_signatures_hold(
    tmp_path: Path, type: str, format: str
) -> None:
    pair = key_pair(tmp_path, "id", type, PASSPHRASE, format)

    signer = Keys().signer(KeyFile(pair.private, Secret(PASSPHRASE)))

    algorithm = algorithm_for(signer, [])
    signature = signer.sign(b"what is signed", algorithm)
    assert verified(tmp_path, pair.public, signature, b"what is signed")
    assert not verified(tmp_path, pair.public, signature, b"what was not")


def verified(tmp_path: Path, public: str, signature: bytes, data: bytes) -> bool:
    """Whether paramiko, which has nothing of our signing, takes the signature."""
    key = paramiko.PKey.from_type_string(public.split()[0], base64.b64decode(public.split()[1]))
    return bool(key.verify_ssh_sig(data, Message(signature)))


@pytest.mark.parametrize(
    ("passphrase", "reason"),
    [(None, "wants a passphrase, and the credential has none"), ("wrong", "the passphrase is wrong")],
)
def test_a_key_that_does_not_open_says_why_and_no_secret(tmp_path: Path, passphrase: str | None, reason: str) -> None:
    for type, format in (("ed25519", "RFC4716"), ("rsa-2048", "PEM")):
        pair = key_pair(tmp_path, f"id-{type}", type, PASSPHRASE, format)
        key = KeyFile(pair.private, Secret(passphrase) if passphrase else None)

        with pytest.raises(Unusable, match=reason) as caught:
            Keys().signer(key)
        assert str(pair.private) in str(caught.value)
        assert passphrase is None or passphrase not in str(caught.value).replace("is wrong", "")


def test_a_passphrase_that_is_not_needed_does_no_harm(tmp_path: Path) -> None:
    for type, format in (("ed25519", "RFC4716"), ("rsa-2048", "PEM")):
        pair = key_pair(tmp_path, f"id-{type}", type, "", format)
        assert Keys().signer(KeyFile(pair.private, Secret("needless"))).type.startswith("ssh-")


def test_what_is_no_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "junk").write_bytes(b"junk")
    (tmp_path / "large").write_bytes(b"x" * 70_000)
    pair = key_pair(tmp_path, "id")
    dss = tmp_path / "dss"
    subprocess.run(["openssl", "genpkey", "-algorithm", "X25519", "-out", str(dss)], check=True, capture_output=True)

    for key, reason in (
        (KeyFile(tmp_path / "junk"), "this is no private key"),
        (KeyFile(tmp_path / "absent"), "No such file"),
        (KeyFile(tmp_path / "large"), "larger than"),
        (KeyFile(dss), "not supported"),
        (KeyFile(pair.private, None, tmp_path / "junk"), "no OpenSSH certificate"),
        (KeyFile(pair.private, None, pair.public_file), "no OpenSSH certificate"),
    ):
        with pytest.raises(Unusable, match=reason):
            Keys().signer(key)


def test_a_key_is_opened_once(tmp_path: Path) -> None:
    pair = key_pair(tmp_path, "id", passphrase=PASSPHRASE)
    keys, key = Keys(), KeyFile(pair.private, Secret(PASSPHRASE))

    first = keys.signer(key)
    pair.private.unlink()

    assert keys.signer(key) is first


def test_a_wrong_passphrase_stands_in_the_way_of_no_other_for_the_same_file(tmp_path: Path) -> None:
    pair = key_pair(tmp_path, "id", passphrase=PASSPHRASE)
    keys = Keys()

    for wrong in (None, Secret("wrong")):
        with pytest.raises(Unusable):
            keys.signer(KeyFile(pair.private, wrong))
    right = keys.signer(KeyFile(pair.private, Secret(PASSPHRASE)))

    assert keys.signer(KeyFile(pair.private, Secret(PASSPHRASE))) is right
    for wrong in (None, Secret("wrong")):
        with pytest.raises(Unusable):
            keys.signer(KeyFile(pair.private, wrong))
    assert PASSPHRASE not in repr(vars(keys))


def test_rsa_keys_sign_with_what_the_server_takes_and_never_with_sha1(tmp_path: Path) -> None:
    pair, authority = key_pair(tmp_path, "id", "rsa-2048"), key_pair(tmp_path, "authority")
    plain = Keys().signer(KeyFile(pair.private))
    certified = Keys().signer(KeyFile(pair.private, None, certify(authority, pair, "ops")))

    assert algorithm_for(plain, []) == "rsa-sha2-512"
    assert algorithm_for(plain, ["ssh-rsa", "rsa-sha2-256"]) == "rsa-sha2-256"
    assert algorithm_for(certified, ["rsa-sha2-256"]) == "rsa-sha2-256-cert-v01@openssh.com"
    with pytest.raises(Unusable, match="SHA-2"):
        algorithm_for(plain, ["ssh-rsa"])


def test_an_agent_that_is_not_there_has_no_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "nobody"))

    with agent_signers() as signers:
        assert signers == []
