"""Public keys as SSH writes them: type, base64 of the blob, comment (RFC 4253 section 6.6, sshd(8)). Never a private one."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import NamedTuple, Optional

from agent.fact import ParseError


class PublicKey(NamedTuple):
    """A key by its type and fingerprint; `bits` of an RSA key alone."""

    type: str
    fingerprint: str
    bits: Optional[int]


def parse(key_type: str, text: str) -> PublicKey:
    """The key whose blob is this base64; the fingerprint is "SHA256:" and unpadded base64, as ssh-keygen -l writes it.

    Raises ParseError where it is none, without a quote: it may be a private key, or any other file.
    """
    try:
        blob = base64.b64decode(text, validate=True)
        # The blob repeats the type, and is nothing but strings with their lengths.
        fields = _strings(blob)
        if fields[0] != key_type.encode() or len(fields) < 2:
            raise ValueError(key_type)
    except (IndexError, ValueError, binascii.Error):
        raise ParseError(f"no public key in {len(text)} characters") from None
    fingerprint = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
    bits = int.from_bytes(fields[2], "big").bit_length() if key_type == "ssh-rsa" and len(fields) > 2 else None
    return PublicKey(key_type, f"SHA256:{fingerprint}", bits)


def _strings(blob: bytes) -> list[bytes]:
    found: list[bytes] = []
    at = 0
    while at < len(blob):
        begin = at + 4
        at = begin + int.from_bytes(blob[at:begin], "big")
        if len(blob) < max(begin, at):
            raise ValueError("truncated")
        found.append(blob[begin:at])
    return found
