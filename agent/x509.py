"""X.509 certificates: what they say of whom, until when, and with what key.

Source: RFC 5280 section 4.1; names are written as RFC 4514 has it, alternative names as openssl writes them ("DNS:…",
"IP:…"). Signatures are not verified: what is told is what stands there.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from typing import Optional

from agent import der
from agent.addresses import address
from agent.der import Element
from agent.fact import ParseError
from cmdb.model.dataclass import dataclass

MOST_BYTES = 64 * 1024
"""A certificate longer than this is not read."""
MOST_NAMES = 1000
"""Alternative names that are kept of one certificate."""

_PEM = re.compile(
    rb"-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----([A-Za-z0-9+/=\s]{1,200000})-----END (?:X509 |TRUSTED )?CERTIFICATE-----"
)
_ATTRIBUTES = {
    "2.5.4.3": "CN",
    "2.5.4.5": "serialNumber",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.9": "STREET",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "0.9.2342.19200300.100.1.1": "UID",
    "0.9.2342.19200300.100.1.25": "DC",
    "1.2.840.113549.1.9.1": "emailAddress",
}
_KEYS = {
    "1.2.840.113549.1.1.1": "RSA",
    "1.2.840.113549.1.1.10": "RSA",
    "1.2.840.10040.4.1": "DSA",
    "1.2.840.10045.2.1": "EC",
    "1.3.101.112": "Ed25519",
    "1.3.101.113": "Ed448",
}
_SIZES = {"Ed25519": 256, "Ed448": 456}
_CURVES = {
    "1.2.840.10045.3.1.1": 192,
    "1.3.132.0.33": 224,
    "1.2.840.10045.3.1.7": 256,
    "1.3.132.0.10": 256,
    "1.3.36.3.3.2.8.1.1.7": 256,
    "1.3.132.0.34": 384,
    "1.3.36.3.3.2.8.1.1.11": 384,
    "1.3.36.3.3.2.8.1.1.13": 512,
    "1.3.132.0.35": 521,
}
"""Named curves (RFC 5480 section 2.1.1.1, RFC 5639) and their sizes in bits."""
_SIGNATURES = {
    "1.2.840.113549.1.1.4": "md5WithRSA",
    "1.2.840.113549.1.1.5": "sha1WithRSA",
    "1.2.840.113549.1.1.10": "RSASSA-PSS",
    "1.2.840.113549.1.1.11": "sha256WithRSA",
    "1.2.840.113549.1.1.12": "sha384WithRSA",
    "1.2.840.113549.1.1.13": "sha512WithRSA",
    "1.2.840.10040.4.3": "dsaWithSha1",
    "1.2.840.10045.4.1": "ecdsaWithSha1",
    "1.2.840.10045.4.3.2": "ecdsaWithSha256",
    "1.2.840.10045.4.3.3": "ecdsaWithSha384",
    "1.2.840.10045.4.3.4": "ecdsaWithSha512",
    "1.3.101.112": "Ed25519",
    "1.3.101.113": "Ed448",
}
_ALTERNATIVES, _CONSTRAINTS = "2.5.29.17", "2.5.29.19"


@dataclass(frozen=True)
class Certificate:
    """What a certificate says. `fingerprint` is the SHA-256 of its DER in hex, `serial` hex too; times are microseconds
    since 1970; `key_bits` is None of a key whose size is not told by its type."""

    fingerprint: str
    subject: str
    issuer: str
    names: tuple[str, ...]
    serial: str
    not_before: int
    not_after: int
    key_type: str
    key_bits: Optional[int]
    signature: str
    authority: bool


def blocks(pem: bytes) -> list[bytes]:
    """The DER of each certificate of a PEM file (RFC 7468 section 5), in their order; keys and all else are passed over.

    Raises ParseError where a block is no base64 or too long.
    """
    found = []
    for match in _PEM.finditer(pem):
        try:
            data = base64.b64decode(re.sub(rb"\s", b"", match[1]), validate=True)
        except binascii.Error:
            raise ParseError("a certificate's block is no base64") from None
        if len(data) > MOST_BYTES:
            raise ParseError(f"a certificate has {len(data)} bytes; at most {MOST_BYTES} are read")
        found.append(data)
    return found


def parse(data: bytes) -> Certificate:
    """The certificate that this DER is; raises ParseError where it is none, or cut."""
    try:
        return _parse(data)
    except (IndexError, ValueError) as error:
        raise ParseError(f"no X.509 certificate: {error}") from None


def _parse(data: bytes) -> Certificate:
    outer = der.element(data)
    body, algorithm, *_ = outer.children()
    fields = body.children()
    if fields[0].tag == 0xA0:  # the version, which stands in all but the first
        fields = fields[1:]
    serial, _, issuer, validity, subject, key, *rest = fields
    begins, ends = validity.children()[:2]
    extensions = dict(_extensions(rest))
    kind, bits = _key(key)
    signature = der.oid(algorithm.children()[0])
    return Certificate(
        # A block "TRUSTED CERTIFICATE" of openssl has more behind the certificate, which is no part of it.
        fingerprint=hashlib.sha256(outer.whole).hexdigest(),
        subject=_name(subject),
        issuer=_name(issuer),
        names=tuple(_alternatives(extensions.get(_ALTERNATIVES))),
        serial=f"{der.integer(serial):x}",
        not_before=der.time(begins),
        not_after=der.time(ends),
        key_type=kind,
        key_bits=bits,
        signature=_SIGNATURES.get(signature, signature),
        authority=_authority(extensions.get(_CONSTRAINTS)),
    )


def _name(found: Element) -> str:
    parts = []
    for relative in found.children():
        pairs = []
        for pair in relative.children():
            kind, value = pair.children()[:2]
            shown = der.text(value)
            identifier = der.oid(kind)
            escaped = f"#{value.whole.hex()}" if shown is None else _escaped(shown)
            pairs.append(f"{_ATTRIBUTES.get(identifier, identifier)}={escaped}")
        parts.append("+".join(pairs))
    return ",".join(reversed(parts))


def _escaped(value: str) -> str:
    shown = re.sub(r'([,+"\\<>;])', r"\\\1", value).replace("\0", "\\00")
    shown = f"\\{shown}" if shown.startswith(("#", " ")) else shown
    return f"{shown[:-1]}\\ " if shown.endswith(" ") and len(shown) > 1 else shown


def _key(found: Element) -> tuple[str, Optional[int]]:
    algorithm, bits = found.children()[:2]
    identifier, *parameters = algorithm.children()
    kind = _KEYS.get(der.oid(identifier), der.oid(identifier))
    if kind == "RSA":
        modulus = der.element(bits.content[1:]).children()[0]
        return kind, der.integer(modulus).bit_length()
    if kind == "EC" and parameters and parameters[0].tag == der.OID:
        return kind, _CURVES.get(der.oid(parameters[0]))
    if kind == "DSA" and parameters:
        return kind, der.integer(parameters[0].children()[0]).bit_length()
    return kind, _SIZES.get(kind)


def _extensions(fields: list[Element]) -> Iterator[tuple[str, bytes]]:
    for field in fields:
        if field.tag == 0xA3:
            for extension in der.element(field.content).children():
                identifier, *_, value = extension.children()
                yield der.oid(identifier), value.content


def _alternatives(extension: Optional[bytes]) -> Iterator[str]:
    for found in der.element(extension).children()[:MOST_NAMES] if extension else ():
        number = found.tag & 0x1F
        if found.tag & 0xC0 != 0x80:
            continue
        if number in (1, 2, 6):
            yield {1: "email", 2: "DNS", 6: "URI"}[number] + ":" + found.content.decode("ascii", "replace")
        elif number == 7 and len(found.content) in (4, 16):
            raw = found.content
            yield f"IP:{address(raw.hex(':', 2) if len(raw) == 16 else '.'.join(map(str, raw)))}"
        elif number == 4:
            yield f"DirName:{_name(der.element(found.content))}"


def _authority(extension: Optional[bytes]) -> bool:
    fields = der.element(extension).children() if extension else []
    return bool(fields) and fields[0].tag == 0x01 and fields[0].content != b"\0"
