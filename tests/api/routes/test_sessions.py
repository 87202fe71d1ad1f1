"""Signing in and out."""

from __future__ import annotations

from typing import Any

from flask_openapi3.openapi import OpenAPI

from tests.api.conftest import token
from tests.api.test_auth import HOST, signed_in
from tests.baselines.site import Site


def test_a_one_time_address_works_once(app: OpenAPI) -> None:
    from api.caller import Caller
    from api.context import NAME

    code = app.extensions[NAME].sessions.code(Caller("os:joe", ("reader",)))
    looked_at = app.test_client().head(f"/sign-in/{code}", headers=HOST)
    first = app.test_client().get(f"/sign-in/{code}", headers=HOST)
    second = app.test_client().get(f"/sign-in/{code}", headers=HOST)

    assert (first.status_code, first.headers["Cache-Control"]) == (303, "no-store")
    assert "Set-Cookie" not in looked_at.headers
    assert second.status_code == 400
    assert "Set-Cookie" not in second.headers


def test_a_token_signs_in_and_a_wrong_one_does_not(app: OpenAPI, site: Site) -> None:
    client: Any = app.test_client()
    assert client.post("/sign-in", data={"token": "smt_x"}, headers=HOST).status_code == 401
    assert client.post("/sign-in", headers=HOST).status_code == 401
    assert client.post("/sign-in", data={"token": token(site, "reader")}, headers=HOST).status_code == 303
    assert client.get("/api/v1/session", headers=HOST).json["roles"] == ["reader"]


def test_another_site_signs_nobody_in(app: OpenAPI, site: Site) -> None:
    answer = app.test_client().post(
        "/sign-in", data={"token": token(site, "reader")}, headers={**HOST, "Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 400


def test_signing_out_needs_the_csrf_token_and_ends_the_session(app: OpenAPI) -> None:
    client, csrf = signed_in(app)
    assert client.post("/sign-out", headers=HOST).status_code == 403
    assert client.post("/sign-out", data={"csrf_token": csrf}, headers=HOST).status_code == 303
    assert client.get("/api/v1/session", headers=HOST).status_code == 401
