"""Signatures of requests: the examples of RFC 9421 and RFC 9530, and what must not pass."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.signature import (
    SignatureRefused,
    Signed,
    content_digest,
    fields_of,
    parse,
    sign,
    signature_base,
    verify,
)

# RFC 9421 B.1.5, B.2 and B.2.5
SHARED = base64.b64decode("uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==")
EXAMPLE = Signed(
    "POST",
    "/foo?param=Value&Pet=dog",
    fields_of(
        [
            ("Host", "example.com"),
            ("Date", "Tue, 20 Apr 2021 02:07:55 GMT"),
            ("Content-Type", "application/json"),
            ("Content-Length", "18"),
        ]
    ),
    b'{"hello": "world"}',
)
B25 = {
    "signature-input": 'sig-b25=("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"',
    "signature": "sig-b25=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:",
}

SECRET = b"s" * 32
NOW = 1_764_000_000
BATCH = Signed(
    "POST",
    "/api/v1/batches",
    {"content-type": "application/x-ndjson", "content-encoding": "gzip", "host": "cmdb.example"},
    b"what is sent",
)


def signed(request: Signed = BATCH, created: int = NOW, nonce: str = "n" * 22) -> Signed:
    """The request as a server receives it."""
    added = sign(request, "agent-1", SECRET, created, nonce)
    return replace(request, fields={**request.fields, **fields_of(added.items())})


def why(request: Signed, secrets: tuple[bytes, ...] = (SECRET,), now: int = NOW) -> str:
    """Why it is refused; empty where it is taken."""
    try:
        verify(request, parse(request.fields), secrets, now)
    except SignatureRefused as error:
        return error.why
    return ""


def test_the_base_is_that_of_the_standards_example() -> None:
    found = parse(B25)

    assert signature_base(EXAMPLE, found.components, found.parameters).decode() == (
        '"date": Tue, 20 Apr 2021 02:07:55 GMT\n'
        '"@authority": example.com\n'
        '"content-type": application/json\n'
        '"@signature-params": ("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"'
    )
    assert (found.key_id, found.created, found.nonce) == ("test-shared-secret", 1618884473, "")


def test_the_value_is_that_of_the_standards_example() -> None:
    found = parse(B25)

    base = signature_base(EXAMPLE, found.components, found.parameters)
    assert hmac.new(SHARED, base, hashlib.sha256).digest() == found.value


def test_the_standards_example_covers_too_little_to_be_taken() -> None:
    assert why(replace(EXAMPLE, fields={**EXAMPLE.fields, **B25}), (SHARED,), 1618884473) == "malformed"


@pytest.mark.parametrize(
    ("content", "digest"),
    [  # RFC 9530, sections 2 and B
        (b'{"hello": "world"}\n', "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"),
        (b'{"hello": "world"}', "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"),
    ],
)
def test_digests_are_those_of_the_standards_examples(content: bytes, digest: str) -> None:
    assert content_digest(content) == digest


def test_what_is_signed_is_verified() -> None:
    assert why(signed()) == ""
    assert why(signed(Signed("GET", "/api/v1/agent/wishes", {}))) == ""
    assert why(signed(Signed("GET", "/api/v1/agent/wishes?a=b&c=", {}))) == ""


def test_any_secret_of_the_key_will_do_and_is_named() -> None:
    request = signed()

    assert verify(request, parse(request.fields), [b"o" * 32, SECRET], NOW) == 1


def test_every_request_has_a_nonce_of_its_own() -> None:
    nonces = {parse(fields_of(sign(BATCH, "agent-1", SECRET, NOW).items())).nonce for _ in range(20)}

    assert len(nonces) == 20


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"method": "PUT"}, "signature"),
        ({"target": "/api/v1/other"}, "signature"),
        ({"target": "/api/v1/batches?x=1"}, "coverage"),
        ({"content": b"what was not sent"}, "digest"),
        ({"content": b""}, "digest"),
    ],
)
def test_a_request_that_was_changed_is_refused(change: dict, word: str) -> None:
    assert why(replace(signed(), **change)) == word


@pytest.mark.parametrize("name", ["content-type", "content-encoding", "content-digest"])
def test_a_field_that_was_changed_or_left_out_is_refused(name: str) -> None:
    request = signed()
    without = {n: v for n, v in request.fields.items() if n != name}

    assert why(replace(request, fields={**request.fields, name: "other"})) in ("signature", "digest")
    assert why(replace(request, fields=without)) in ("coverage", "digest")


def test_content_that_was_swapped_with_its_digest_is_refused() -> None:
    request = signed()
    fields = {**request.fields, "content-digest": content_digest(b"other")}

    assert why(replace(request, content=b"other", fields=fields)) == "signature"


def test_a_coding_added_on_the_way_is_refused() -> None:
    plain = replace(BATCH, fields={"content-type": "application/x-ndjson"})
    request = signed(plain)

    assert why(request) == ""
    assert why(replace(request, fields={**request.fields, "content-encoding": "gzip"})) == "coverage"


def test_another_secret_is_refused() -> None:
    assert why(signed(), (b"o" * 32, b"p" * 32)) == "signature"
    assert why(signed(), ()) == "signature"


def test_only_who_holds_a_secret_learns_that_the_clock_is_wrong() -> None:
    assert why(signed(), now=NOW + 301) == "clock"
    assert why(signed(), now=NOW - 301) == "clock"
    assert why(signed(), now=NOW + 299) == ""
    assert why(signed(), (b"o" * 32,), NOW + 301) == "signature"


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"signature-input": B25["signature-input"]},
        {"signature": B25["signature"]},
    ],
)
def test_a_request_without_signature_says_so(fields: dict) -> None:
    with pytest.raises(SignatureRefused) as error:
        parse(fields)

    assert error.value.why == "unsigned"


@pytest.mark.parametrize(
    "given",
    [
        "x",
        "sig=()" * 500,
        'sig=("@method"  "@path");created=1',
        'sig=("@method" "@method");created=1',
        'sig=("@method";req);created=1',
        'sig=("@method");created=1;created=2',
        'sig=("@method");created=x',
        'sig=("@method");created=1;unknown=2',
        'sig=("@method");created=1, other=("@path");created=1',
        'sig=("@method");created=1;alg="ed25519"',
        'sig=("@method");created=1;keyid="\u00e9"',
        'sig=("@method");created=1;keyid="a\\"b"',
        'sig=("@method");created=99999999999999999999',
        'other=("@method");created=1',
        'sig=("@method");created=1\n',
    ],
)
def test_what_has_another_form_is_refused(given: str) -> None:
    with pytest.raises(SignatureRefused) as error:
        parse({"signature-input": given, "signature": "sig=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:"})

    assert error.value.why == "malformed"


@pytest.mark.parametrize(
    "value", ["sig=:AAAA:", "sig=pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=", "sig=::", "sig=:" + "A" * 2000]
)
def test_a_value_of_another_form_is_refused(value: str) -> None:
    with pytest.raises(SignatureRefused) as error:
        parse({"signature-input": 'sig=("@method");created=1', "signature": value})

    assert error.value.why == "malformed"


def test_two_fields_of_one_name_are_no_way_round() -> None:
    request = signed()
    twice = fields_of([*request.fields.items(), ("Content-Type", "text/html")])

    assert why(replace(request, fields=twice)) == "signature"


@given(st.text(max_size=200), st.text(max_size=100))
def test_whatever_is_sent_is_parsed_or_refused(given: str, value: str) -> None:
    try:
        parse({"signature-input": given, "signature": value})
    except SignatureRefused:
        pass
