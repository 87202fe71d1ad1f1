"""Certificate: an X.509 certificate that something uses."""

from __future__ import annotations

from typing import ClassVar, Optional

from cmdb.model.dataclass import dataclass
from cmdb.model.declaration import CI, attribute


@dataclass(frozen=True)
class Certificate(CI):
    """An X.509 certificate that is in use, known by its fingerprint wherever it is found; never a private key."""

    key: ClassVar[tuple[str, ...]] = ("fingerprint",)
    name_from: ClassVar[str] = "subject"
    topology: ClassVar[bool] = True
    owned: ClassVar[bool] = True

    fingerprint: Optional[str] = attribute("SHA-256 of the certificate's DER, 64 hex digits.", security=True)
    subject: Optional[str] = attribute("Whom it is of, as RFC 4514 writes names: 'CN=www.example.org,O=Example'.")
    issuer: Optional[str] = attribute("Who signed it.", security=True)
    names: Optional[list[str]] = attribute("Names that it is valid for: 'DNS:www.example.org', 'IP:192.0.2.1'.")
    serial: Optional[str] = attribute("Serial number that the issuer gave it, hex.")
    not_before: Optional[str] = attribute("Start of its validity, ISO 8601 UTC.")
    not_after: Optional[str] = attribute("End of its validity, ISO 8601 UTC.", security=True)
    key_type: Optional[str] = attribute("Type of the public key: RSA, EC, Ed25519.", security=True)
    key_bits: Optional[int] = attribute("Size of the public key.", unit="bits", security=True)
    signature_algorithm: Optional[str] = attribute("How it is signed: sha256WithRSA.", security=True)
    self_signed: Optional[bool] = attribute("True where subject and issuer are one.", security=True)
    authority: Optional[bool] = attribute("True where it may sign others (basic constraints).", security=True)
