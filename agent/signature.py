"""Signatures of HTTP requests: what an agent signs with its secret, and a server verifies.

Source: HTTP Message Signatures (RFC 9421) with hmac-sha256 (section 3.3.3), Content-Digest with sha-256 (RFC 9530).
A request's signature covers its method, its path, its query where it has one, and, where it has content, the digest of the
content as sent, its type and its coding. `created` says when it was signed, `nonce` makes it the only one of its kind,
`keyid` whose secret it was. A signature that covers less is not taken. Only the form that `sign` writes is parsed, which is
the canonical one of Structured Fields (RFC 8941): one signature, no parameters of components, no spaces to spare.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Optional

from cmdb.model.dataclass import dataclass

MOST = 1024
"""Characters of a Signature-Input that are looked at."""
MOST_AHEAD_SECONDS = 300
"""By how much the signer's clock may differ from the verifier's."""
SECRET_BYTES = 32

_NAME = r"@?[a-z][a-z0-9-]{0,63}"
_PARAMETER = re.compile(
    r';(?:(created|expires)=([0-9]{1,12})|(keyid|nonce|alg|tag)="([A-Za-z0-9_.:/+=-]{1,128})")', re.ASCII
)
_INPUT = re.compile(rf'([a-z*][a-z0-9_.*-]{{0,31}})=(\(((?:"{_NAME}"(?: "{_NAME}")*)?)\)((?:;[^;,]*)*))\Z', re.ASCII)
_VALUE = re.compile(r"([a-z*][a-z0-9_.*-]{0,31})=:([A-Za-z0-9+/]{43}=):\Z", re.ASCII)
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}\Z", re.ASCII)


class SignatureRefused(Exception):
    """A request that is not signed as it has to be. `why` is one word of an open set: unsigned, malformed, coverage, digest,
    signature, clock."""

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message)
        self.why = why


@dataclass(frozen=True)
class Signed:
    """What is signed of a request. `target` is what its request line says: path, and query after a "?". Names of `fields`
    in lower case. `content` is None where it has some that was not read yet: then it is for the caller to compare it with
    Content-Digest, which is signed."""

    method: str
    target: str
    fields: Mapping[str, str]
    content: Optional[bytes] = b""


@dataclass(frozen=True)
class Signature:
    """A signature as it was sent, not verified. `created` in seconds since 1970; None, or empty, where it was not said."""

    components: tuple[str, ...]
    parameters: str
    value: bytes
    key_id: str
    created: Optional[int]
    nonce: str
    expires: Optional[int] = None


def fields_of(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Header fields by name in lower case; those sent several times as one list (RFC 9421 section 2.1)."""
    fields: dict[str, str] = {}
    for name, value in pairs:
        name, value = name.lower(), value.strip(" \t")
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return fields


def content_digest(content: bytes) -> str:
    """The value of Content-Digest for content as it is sent, after its coding."""
    return digest_field(hashlib.sha256(content).digest())


def digest_field(sha256: bytes) -> str:
    """The value of Content-Digest for content whose SHA-256 is known."""
    return f"sha-256=:{_base64(sha256)}:"


def sign(request: Signed, key_id: str, secret: bytes, created: int, nonce: Optional[str] = None) -> dict[str, str]:
    """The header fields to be added to a request. `created` in seconds; a nonce is made where none is given."""
    nonce = secrets.token_urlsafe(16) if nonce is None else nonce
    added = {"Content-Digest": content_digest(request.content)} if request.content else {}
    fields = {**request.fields, **{name.lower(): value for name, value in added.items()}}
    components = covered(Signed(request.method, request.target, fields, request.content))
    listed = " ".join(f'"{name}"' for name in components)
    parameters = f'({listed});created={created:d};keyid="{key_id}";nonce="{nonce}"'
    base = signature_base(Signed(request.method, request.target, fields), components, parameters)
    added["Signature-Input"] = f"sig={parameters}"
    added["Signature"] = f"sig=:{_base64(_mac(secret, base))}:"
    return added


def covered(request: Signed) -> tuple[str, ...]:
    """The components that a signature of this request has to cover, in order."""
    names = ["@method", "@path"]
    if "?" in request.target:
        names.append("@query")
    if request.content is None or request.content:
        names += ["content-digest", "content-type"]
    if "content-encoding" in request.fields:
        names.append("content-encoding")
    return tuple(names)


def signature_base(request: Signed, components: Sequence[str], parameters: str) -> bytes:
    """What is signed (RFC 9421 section 2.5). Raises SignatureRefused where the request lacks a component."""
    lines = [f'"{name}": {_component(request, name)}' for name in components]
    lines.append(f'"@signature-params": {parameters}')
    try:
        return "\n".join(lines).encode("ascii")
    except UnicodeEncodeError:
        raise SignatureRefused("malformed", "A signed part of the request is not ASCII.") from None


def parse(fields: Mapping[str, str]) -> Signature:
    """The request's one signature. Raises SignatureRefused where there is none, or it has another form."""
    given, value = fields.get("signature-input", ""), fields.get("signature", "")
    if not given or not value:
        raise SignatureRefused("unsigned", "The request is not signed: Signature-Input and Signature are missing.")
    if len(given) > MOST or len(value) > MOST:
        raise SignatureRefused("malformed", f"Signature-Input and Signature have at most {MOST} characters.")
    found, sent = _INPUT.match(given), _VALUE.match(value)
    if found is None or sent is None or found.group(1) != sent.group(1):
        raise SignatureRefused("malformed", "Signature-Input and Signature are not one signature by hmac-sha256.")
    components = tuple(name.strip('"') for name in found.group(3).split(" ")) if found.group(3) else ()
    if len(set(components)) != len(components):
        raise SignatureRefused("malformed", "A component is covered twice.")
    said = _parameters(found.group(4))
    if said.get("alg", "hmac-sha256") != "hmac-sha256":
        raise SignatureRefused("malformed", "The algorithm must be hmac-sha256.")
    return Signature(
        components,
        found.group(2),
        base64.b64decode(sent.group(2), validate=True),
        said.get("keyid", ""),
        int(said["created"]) if "created" in said else None,
        said.get("nonce", ""),
        int(said["expires"]) if "expires" in said else None,
    )


def verify(request: Signed, signature: Signature, secrets_of_key: Iterable[bytes], now: int) -> int:
    """Which of the key's secrets signed the request, by its place; `now` in seconds.

    Raises SignatureRefused: the clock is looked at last, so that only who holds a secret learns what the time is. That the
    nonce was not used before is for the caller to see.
    """
    if signature.created is None or not signature.key_id or not _NONCE.match(signature.nonce):
        raise SignatureRefused("malformed", "A signature must say created, keyid, and a nonce of 16 to 64 characters.")
    missing = [name for name in covered(request) if name not in signature.components]
    if missing:
        raise SignatureRefused("coverage", f"The signature must cover {', '.join(missing)}.")
    if request.content is not None and (request.content or "content-digest" in request.fields):
        expected = content_digest(request.content)
        if not hmac.compare_digest(expected.encode(), request.fields.get("content-digest", "").encode()):
            raise SignatureRefused("digest", "Content-Digest must be the sha-256 of the content as it was sent.")
    base = signature_base(request, signature.components, signature.parameters)
    place = -1
    for number, secret in enumerate(secrets_of_key):  # every one of them, so that time tells nothing
        if hmac.compare_digest(_mac(secret, base), signature.value) and place < 0:
            place = number
    if place < 0:
        raise SignatureRefused("signature", "The signature is not by a secret of this key.")
    check_time(signature, now)
    return place


def check_time(signature: Signature, now: int) -> None:
    """Raises SignatureRefused where it was signed too long before or after `now`, or has expired."""
    assert signature.created is not None, "verify has seen to it"
    if abs(signature.created - now) > MOST_AHEAD_SECONDS:
        differs = f"It was signed {signature.created - now:+d} s from the server's time"
        raise SignatureRefused("clock", f"{differs}; at most {MOST_AHEAD_SECONDS} s are taken.")
    if signature.expires is not None and signature.expires < now:
        raise SignatureRefused("clock", "The signature has expired.")


def _component(request: Signed, name: str) -> str:
    if name == "@method":
        return request.method
    path, question, query = request.target.partition("?")
    if name == "@path":
        return path or "/"
    if name == "@query" and question:
        return question + query
    if name == "@authority" and "host" in request.fields:
        return request.fields["host"].lower()
    value = request.fields.get(name)
    if value is None or name.startswith("@"):
        raise SignatureRefused("coverage", f"The signature covers {name}, which the request does not have.")
    if "\n" in value or "\r" in value:
        raise SignatureRefused("malformed", f"{name} has a line end in it.")
    return value


def _parameters(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        one = _PARAMETER.match(text, at)
        if one is None:
            raise SignatureRefused("malformed", "A parameter of the signature is not known, or not of its form.")
        name, value = one.group(1) or one.group(3), one.group(2) or one.group(4)
        if name in found:
            raise SignatureRefused("malformed", f"The signature says {name} twice.")
        found[name] = value
        at = one.end()
    return found


def _mac(secret: bytes, base: bytes) -> bytes:
    return hmac.new(secret, base, hashlib.sha256).digest()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
