"""What puts the agent on a new host: two lines for its shell. The first fetches the file, the second makes it a service.

The first checks the server by the SHA-256 of its public key (curl(1), --pinnedpubkey) and the file by its SHA-256; the second has
the agent know its server by the SHA-256 of the certificate. So nothing that is fetched is run unchecked, also where no authority
vouches for the server.
"""

from __future__ import annotations

import base64
import hashlib
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate

from agent.one_file import NAME
from cmdb.model.errors import UsageError

_FIRST = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Identity:
    """By what a server's certificate is known: SHA-256 of the whole (64 hexadecimal digits), and of its public key (base64)."""

    certificate: str
    public_key: str


def identity(path: Path) -> Identity:
    """Of the first certificate in a file. Raises UsageError where there is none."""
    try:
        found = _FIRST.search(path.read_bytes())
        if found is None:
            raise UsageError(f"{path} holds no certificate.")
        certificate = load_pem_x509_certificate(found[0])
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} can not be read as a certificate: {error}.") from None
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    whole = hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()
    return Identity(whole, base64.b64encode(hashlib.sha256(key).digest()).decode())


def lines(url: str, sha256: str, server: Identity | None) -> tuple[str, str]:
    """The two lines for a server at `url`, and a file of that SHA-256. `server` is None where the server has no certificate of
    its own: on loopback, or behind a proxy whose certificate the host's authorities vouch for."""
    place, tls, known = shlex.quote(f"{url}/api/v1/agent/{NAME}"), "", ""
    if server is not None:
        tls = f" --insecure --pinnedpubkey 'sha256//{server.public_key}'"
        known = f" --fingerprint {server.certificate}"
    fetch = f"curl -fsS{tls} -o {NAME} {place} && echo '{sha256}  {NAME}' | sha256sum -c -"
    return fetch, f"sudo python3 {NAME} install --server {shlex.quote(url)}{known}"
