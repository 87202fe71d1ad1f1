"""What can prove an account by a key: private keys in files, with or without certificate, and keys of an ssh-agent.

Formats of files: OpenSSH's own and PEM (PKCS 1, PKCS 8, SEC 1), with a passphrase or without. Signatures: RFC 4253 section
6.6 (RSA), RFC 8332 (with SHA-2), RFC 5656 section 3.1.2 (ECDSA), RFC 8709 (Ed25519).
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import socket
import struct
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_ssh_private_key,
)
from paramiko.agent import AgentSSH

from collector.login import KeyFile
from collector.secret import Forgetting, Secret

CERTIFICATE = "-cert-v01@openssh.com"
LARGEST_FILE = 64 * 1024
MOST_AGENT_KEYS = 5
_AGENT_SECONDS = 10.0
_RSA_HASHES: dict[str, type[hashes.HashAlgorithm]] = {"rsa-sha2-512": hashes.SHA512, "rsa-sha2-256": hashes.SHA256}
_CURVE_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "secp256r1": hashes.SHA256, "secp384r1": hashes.SHA384, "secp521r1": hashes.SHA512,
}  # fmt: skip

_Private = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey


class Unusable(Exception):
    """A key can not be used; the text says which and why, and holds no secret."""


class Signer(Protocol):
    """One key. `type` is that of its blob ("ssh-ed25519", or that of a certificate), `name` is for messages."""

    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def blob(self) -> bytes: ...

    def sign(self, data: bytes, algorithm: str) -> bytes:
        """The signature in its SSH form."""


def algorithm_for(signer: Signer, taken: Sequence[str]) -> str:
    """The algorithm to sign with, of those that the server says it takes (RFC 8308 server-sig-algs; may be empty)."""
    certified = signer.type.endswith(CERTIFICATE)
    plain = signer.type.removesuffix(CERTIFICATE)
    if plain != "ssh-rsa":
        return signer.type
    ending = CERTIFICATE if certified else ""
    for name in _RSA_HASHES:
        if not taken or name in taken or name + ending in taken:
            return name + ending
    raise Unusable(f"{signer.name}: the server takes no RSA signatures with SHA-2")


@dataclass(frozen=True, slots=True)
class FileSigner:
    """A private key that was read from a file."""

    name: str
    type: str
    blob: bytes
    _private: _Private

    def sign(self, data: bytes, algorithm: str) -> bytes:
        plain = algorithm.removesuffix(CERTIFICATE)
        if isinstance(self._private, ed25519.Ed25519PrivateKey):
            return _string(plain.encode()) + _string(self._private.sign(data))
        if isinstance(self._private, rsa.RSAPrivateKey):
            signature = self._private.sign(data, padding.PKCS1v15(), _RSA_HASHES[plain]())
            return _string(plain.encode()) + _string(signature)
        digest = _CURVE_HASHES[self._private.curve.name]()
        r, s = decode_dss_signature(self._private.sign(data, ec.ECDSA(digest)))
        return _string(plain.encode()) + _string(_mpint(r) + _mpint(s))


class AgentSigner:
    """A key that an ssh-agent holds; it signs here and is never forwarded."""

    def __init__(self, key: Any) -> None:
        self._key = key
        self.type: str = key.get_name()
        self.blob: bytes = key.blob
        self.name = f"agent key {self.type} {str(key.comment)[:40]!r}"

    def sign(self, data: bytes, algorithm: str) -> bytes:
        try:
            signature: bytes = self._key.sign_ssh_data(data, algorithm)
        except (paramiko.SSHException, OSError) as error:
            raise Unusable(f"{self.name}: the agent does not sign with it ({error})") from None
        return signature


class Keys:
    """Key files of one sweep, each opened once by the same passphrase: that costs a tenth of a second of CPU. A passphrase that
    is wrong stands in the way of no other. Safe for many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # Passphrases are told apart by a digest under a key that lives no longer than this object.
        self._secret = os.urandom(32)
        self._signers: dict[tuple[Path, Path | None, bytes], FileSigner | Unusable] = {}

    def signer(self, key: KeyFile) -> FileSigner:
        """The key of a file. Raises Unusable."""
        place = (key.path, key.certificate, self._told_apart(key.passphrase))
        with self._lock:
            if place not in self._signers:
                try:
                    with Forgetting():
                        self._signers[place] = _read(key)
                except Unusable as error:
                    self._signers[place] = error
            found = self._signers[place]
        if isinstance(found, Unusable):
            raise Unusable(str(found))
        return found

    def _told_apart(self, passphrase: Secret | None) -> bytes:
        if passphrase is None:
            return b""
        return hashlib.blake2b(passphrase.reveal().encode(), key=self._secret).digest()


@contextlib.contextmanager
def agent_signers() -> Iterator[list[AgentSigner]]:
    """The first few keys of the agent at SSH_AUTH_SOCK; none where there is no agent."""
    place = os.environ.get("SSH_AUTH_SOCK")
    agent = AgentSSH()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_AGENT_SECONDS)
        keys: Sequence[Any] = ()
        if place:
            with contextlib.suppress(paramiko.SSHException, OSError, ValueError):
                connection.connect(place)
                agent._connect(connection)  # type: ignore[attr-defined]
                keys = agent.get_keys()
        usable = [
            key for key in keys if not key.get_name().startswith("sk-") and not key.get_name().endswith(CERTIFICATE)
        ]
        yield [AgentSigner(key) for key in usable[:MOST_AGENT_KEYS]]


def _read(key: KeyFile) -> FileSigner:
    data = _file(key.path)
    passphrase = key.passphrase.reveal().encode() if key.passphrase is not None else None
    private = _open(key.path, data, passphrase)
    line = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    type, blob = line.split()[0].decode(), base64.b64decode(line.split()[1])
    if key.certificate is not None:
        fields = _file(key.certificate).split()
        try:
            type, blob = fields[0].decode("ascii"), base64.b64decode(fields[1], validate=True)
        except (IndexError, ValueError):
            type = ""
        if not type.endswith(CERTIFICATE):
            raise Unusable(f"{key.certificate}: this is no OpenSSH certificate")
    return FileSigner(str(key.path), type, blob, private)


def _open(path: Path, data: bytes, passphrase: bytes | None) -> _Private:
    load = load_ssh_private_key if b"OPENSSH PRIVATE KEY" in data else load_pem_private_key
    try:
        private = load(data, passphrase)
    except TypeError:  # which one cryptography says by this type
        # A passphrase that is not needed does no harm; one that is missing does.
        if passphrase is None:
            raise Unusable(f"{path}: the key wants a passphrase, and the credential has none") from None
        private = _open(path, data, None)
    except UnsupportedAlgorithm:
        raise Unusable(f"{path}: keys of this kind are not supported") from None
    except ValueError:
        why = "the passphrase is wrong, or the file is damaged" if passphrase else "this is no private key"
        raise Unusable(f"{path}: {why}") from None
    if not isinstance(private, _Private):
        raise Unusable(f"{path}: keys of this kind are not supported; use ed25519, ecdsa or rsa")
    return private


def _file(path: Path) -> bytes:
    try:
        with path.expanduser().open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except (OSError, RuntimeError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise Unusable(f"{path}: {why}") from None
    if len(data) > LARGEST_FILE:
        raise Unusable(f"{path}: larger than {LARGEST_FILE} bytes, which no key is")
    return data


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _mpint(number: int) -> bytes:
    return _string(number.to_bytes(number.bit_length() // 8 + 1, "big"))
