"""Requests that an agent signed, as they come over a socket."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from flask_openapi3.openapi import OpenAPI

from agent.signature import Signed, sign
from api.service import address, server, serving
from api.settings import Settings
from api.signed_requests import _target
from cmdb.model.times import SECOND
from tests.api.agent_side import AgentSide, enrolled
from tests.baselines.site import Site


@pytest.fixture
def web(app: OpenAPI, site: Site) -> AgentSide:
    return enrolled(app, site, "web1")


@pytest.fixture
def connection(app: OpenAPI) -> Iterator[http.client.HTTPConnection]:
    settings = Settings(port=0)
    made = server(app, settings)
    with serving(made):
        parts = urlsplit(address(made, settings))
        found = http.client.HTTPConnection(str(parts.hostname), int(parts.port or 0), timeout=20)
        yield found
        found.close()


def test_what_the_request_line_says_is_what_is_signed(
    connection: http.client.HTTPConnection, web: AgentSide, site: Site
) -> None:
    for target, status in (("/api/v1/agent/wishes", 200), ("/api/v1/agent/wishes?a=%7e&b", 200), ("/api/v1//x", 404)):
        fields = sign(Signed("GET", target, {}), web.key, web.secret, site.clock() // SECOND)
        connection.request("GET", target, headers=fields)
        answer = connection.getresponse()
        assert (answer.status, bool(answer.read())) == (status, True), target
        assert answer.headers["Date"]
    fields = sign(Signed("GET", "/api/v1/agent/wishes?a=1", {}), web.key, web.secret, site.clock() // SECOND)
    connection.request("GET", "/api/v1/agent/wishes?a=2", headers=fields)
    assert connection.getresponse().status == 401


def test_content_without_a_length_is_refused(
    connection: http.client.HTTPConnection, web: AgentSide, site: Site
) -> None:
    fields = {"content-type": "application/x-ndjson"}
    signed = sign(Signed("POST", "/api/v1/batches", fields, b"x"), web.key, web.secret, site.clock() // SECOND)
    connection.request("POST", "/api/v1/batches", iter([b"x"]), {**fields, **signed}, encode_chunked=True)
    assert connection.getresponse().status == 401


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"REQUEST_URI": "/a?b"}, "/a?b"),
        ({"RAW_URI": "/a"}, "/a"),
        ({"REQUEST_URI": "https://host/a?b=c"}, "/a?b=c"),
        ({"REQUEST_URI": "https://host"}, "/"),
        ({}, "/"),
    ],
)
def test_a_target_is_told_in_one_form(said: dict[str, str], expected: str) -> None:
    assert _target(said) == expected


@pytest.mark.parametrize(
    "fields",
    [
        {"Signature-Input": "sig=()"},
        {"Signature-Input": "x" * 5000, "Signature": "sig=:AAAA:"},
        {"Signature-Input": 'sig=("@method");created=1;keyid="\u00e4"', "Signature": "sig=:AAAA:"},
    ],
)
def test_what_is_no_signature_is_refused_without_a_word_of_the_key(
    app: OpenAPI, web: AgentSide, fields: dict[str, str]
) -> None:
    refused = app.test_client().get("/api/v1/agent/wishes", headers={"Host": "localhost", **fields})

    assert refused.status_code == 401
    assert web.key not in refused.text
