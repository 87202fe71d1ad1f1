"""The agent over HTTP, for hosts that have nothing to show yet."""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from flask_openapi3.openapi import OpenAPI

from agent.one_file import NAME, build

WHERE = f"/api/v1/agent/{NAME}"
HOST = {"Host": "localhost"}


def test_anybody_gets_the_file_its_signature_and_the_key(app: OpenAPI) -> None:
    client = app.test_client()

    file, signature, key = (client.get(WHERE + end, headers=HOST) for end in ("", ".sig", ".pub.pem"))

    assert [a.status_code for a in (file, signature, key)] == [200, 200, 200]
    assert file.data == build()
    public = load_pem_public_key(key.data)
    assert isinstance(public, Ed25519PublicKey)
    public.verify(signature.data, file.data)  # raises where it is wrong


def test_a_file_that_is_there_already_is_not_sent_again(app: OpenAPI) -> None:
    client = app.test_client()
    tag = client.get(WHERE, headers=HOST).headers["ETag"]

    again = client.get(WHERE, headers={**HOST, "If-None-Match": tag})

    assert (again.status_code, again.data) == (304, b"")
    assert tag.strip('"') == hashlib.sha256(build()).hexdigest()
