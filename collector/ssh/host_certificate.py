"""A certificate that an authority has made for a host's key.

Source: OpenSSH's PROTOCOL.certkeys; validity, principals and kind are checked as ssh(1) does.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    SSHCertificate,
    SSHCertificateType,
    load_ssh_public_identity,
)

from collector.ssh.host_key_index import translated


class HostCertificate:
    """One certificate from its blob. `authority` and `key` are the blobs of the plain keys in base64; empty where it can
    not be read, which `fault` then says."""

    def __init__(self, blob: bytes) -> None:
        self.authority = self.key = ""
        self._certificate: SSHCertificate | None = None
        length = int.from_bytes(blob[:4], "big")
        line = blob[4 : 4 + length] + b" " + base64.b64encode(blob)
        try:
            loaded = load_ssh_public_identity(line)
        except (ValueError, UnsupportedAlgorithm):
            return
        if isinstance(loaded, SSHCertificate):
            self._certificate = loaded
            self.authority = _key(loaded.signature_key())
            self.key = _key(loaded.public_key())

    def fault(self, names: Sequence[str], now: float) -> str:
        """What is wrong with it for a host of these names at this time (Unix); empty where nothing is."""
        certificate = self._certificate
        if certificate is None:
            return "it can not be read"
        try:
            certificate.verify_cert_signature()
        except (InvalidSignature, UnsupportedAlgorithm, ValueError):
            return "its signature is wrong"
        if certificate.type is not SSHCertificateType.HOST:
            return "it is one for users"
        if certificate.critical_options:
            return "it has critical options, which none is known of for hosts"
        if not certificate.valid_after <= now < certificate.valid_before:
            return "it is not valid at this time"
        bare = [name[1 : name.index("]:")] if name.startswith("[") and "]:" in name else name for name in names]
        principals = [principal.decode("utf-8", "replace") for principal in certificate.valid_principals]
        if principals and not any(re.fullmatch(translated(p.lower()), name) for p in principals for name in bare):
            return f"it is for {', '.join(principals[:3])}"
        return ""


def _key(key: object) -> str:
    public: bytes = key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)  # type: ignore[attr-defined]
    return public.split()[1].decode()
