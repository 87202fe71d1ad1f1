"""Key pairs and OpenSSH certificates for tests, made by ssh-keygen(1)."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class KeyPair:
    """A private key in a file of mode 0600, its public half beside it as NAME.pub."""

    private: Path

    @property
    def public_file(self) -> Path:
        return self.private.with_name(self.private.name + ".pub")

    @property
    def public(self) -> str:
        """The line as authorized_keys has it, without its end."""
        return self.public_file.read_text().strip()

    @property
    def fingerprint(self) -> str:
        """`SHA256:…` as ssh-keygen prints it."""
        done = subprocess.run(
            ["ssh-keygen", "-lf", str(self.public_file)], check=True, capture_output=True, text=True
        )  # fmt: skip
        return done.stdout.split()[1]


def key_pair(folder: Path, name: str, type: str = "ed25519", passphrase: str = "", format: str = "RFC4716") -> KeyPair:
    """A new pair. `type` is of ssh-keygen's -t, with bits after a dash ("rsa-2048", "ecdsa-256"); `format` of its -m."""
    kind, _, bits = type.partition("-")
    pair = KeyPair(folder / name)
    subprocess.run(
        ["ssh-keygen", "-q", "-t", kind, *(["-b", bits] if bits else []), "-N", passphrase, "-m", format, "-C", name,
         "-f", str(pair.private)],
        check=True, capture_output=True,
    )  # fmt: skip
    return pair


def certify(authority: KeyPair, subject: KeyPair, principals: str, *, host: bool = False, valid: str = "+1d") -> Path:
    """The certificate of `subject` for these comma separated users (or hosts), signed by `authority`: NAME-cert.pub."""
    subprocess.run(
        ["ssh-keygen", "-q", "-s", str(authority.private), "-I", subject.private.name, "-n", principals, "-V", valid,
         *(["-h"] if host else []), str(subject.public_file)],
        check=True, capture_output=True,
    )  # fmt: skip
    return subject.private.with_name(subject.private.name + "-cert.pub")
