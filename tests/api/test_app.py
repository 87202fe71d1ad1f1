"""What every answer of the application has, and what it refuses before any route is asked."""

from __future__ import annotations

import logging

import pytest
from flask_openapi3.openapi import OpenAPI
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from agent.one_file import NAME
from api.agent_file import PUBLIC_KEY, SIGNATURE
from api.app import CSP, create_app
from api.settings import Settings
from tests.api.conftest import Api
from tests.baselines.site import Site


def test_the_openapi_document_is_a_valid_3_1_and_names_every_route(app: OpenAPI, api: Api) -> None:
    document = api("GET", "/openapi.json").json

    validate(document, cls=OpenAPIV31SpecValidator)
    assert document["openapi"].startswith("3.1")
    rules = {r.rule for r in app.url_map.iter_rules() if r.rule.startswith("/api/")}
    described = {path.replace("{", "<string:").replace("}", ">") for path in document["paths"]}
    assert rules - described == {"/api/v1/openapi.json", "/api/v1/session"}


FOR_ANYBODY = {
    "/api/v1/health",
    *(f"/api/v1/agent/{name}" for name in (NAME, SIGNATURE, PUBLIC_KEY)),  # a new host has nothing to show yet
}


def test_every_operation_says_how_it_refuses_and_what_it_needs(api: Api) -> None:
    document = api("GET", "/openapi.json").json

    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert {"401", "404", "422"} <= set(operation["responses"]), path
            assert operation["summary"], path
            if path not in FOR_ANYBODY:
                assert operation["security"] == [{"token": []}], path


@pytest.mark.parametrize("path", ["/api/v1/cis", "/api/v1/none", "/api/v1/health", "/static/none.css"])
def test_every_answer_has_the_security_headers(app: OpenAPI, path: str) -> None:
    headers = app.test_client().get(path, headers={"Host": "localhost"}).headers

    assert headers["Content-Security-Policy"] == CSP
    assert "unsafe" not in CSP
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "10.1.1.1"])
def test_a_name_that_is_not_its_own_is_refused(app: OpenAPI, host: str) -> None:
    answer = app.test_client().get("/api/v1/health", headers={"Host": host})

    assert answer.status_code in (400, 421)
    assert answer.content_type == "application/problem+json"


def test_what_there_is_not_is_a_problem_document(api: Api) -> None:
    for method, path, status in (("GET", "/none", 404), ("DELETE", "/cis", 405)):
        answer = api(method, path)
        assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
        assert {"type", "title", "status", "detail"} <= set(answer.json)


def test_a_body_that_is_too_large_is_refused_before_it_is_read(site: Site) -> None:
    small = Settings(max_body_bytes=100)
    client = create_app(small, site.store, site.clock).test_client()
    answer = client.post("/sign-in", data={"token": "x" * 1000}, headers={"Host": "localhost"})
    assert answer.status_code == 413


def test_an_error_of_its_own_is_logged_with_its_cause_and_shows_nothing(
    app: OpenAPI, api: Api, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with site.store.transaction() as tx:
        tx.put_document("0" * 64, b"{}")
    app.view_functions["documents.document"] = _break

    with caplog.at_level(logging.ERROR):
        answer = api("GET", "/documents/" + "0" * 64)

    assert (answer.status_code, answer.json["type"]) == (500, "urn:surveymark:problem:http")
    assert "hidden" not in answer.text
    assert "hidden" in caplog.text


def _break(**_: object) -> str:
    raise RuntimeError("hidden")


def test_nobody_is_told_apart_from_a_page_and_from_the_api(app: OpenAPI) -> None:
    client = app.test_client()
    page = client.get("/", headers={"Host": "localhost", "Accept": "text/html"})
    api = client.get("/api/v1/cis", headers={"Host": "localhost", "Accept": "text/html"})

    assert (page.status_code, page.headers["Location"]) == (303, "/sign-in")
    assert (api.status_code, api.headers["WWW-Authenticate"]) == (401, 'Bearer realm="surveymark"')


def test_tls_is_demanded_for_good_where_there_is_a_certificate(site: Site, tmp_path: object) -> None:
    from pathlib import Path

    secure = Settings(certificate=Path("c"), key=Path("k"))
    answer = (
        create_app(secure, site.store, site.clock).test_client().get("/api/v1/health", headers={"Host": "localhost"})
    )
    assert "max-age" in answer.headers["Strict-Transport-Security"]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'{"name":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
        (b"{'name': 1}", "no JSON: Expecting"),
        (b"\xff\xfe\xfd", "no JSON"),
        (b'{"name":' + b"9" * 10_000 + b"}", "no JSON"),
    ],
)
def test_a_body_that_is_no_json_is_refused_with_the_reason(api: Api, body: bytes, why: str) -> None:
    answer = api("POST", "/baselines", data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert why in answer.json["detail"]


def test_a_body_of_another_type_is_told_which_one_is_taken(api: Api) -> None:
    answer = api("POST", "/baselines", data="{}", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 400
    assert "application/json" in answer.json["detail"]
