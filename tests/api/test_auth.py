"""Tokens, cookies, CSRF tokens and limits of requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI

from api.app import create_app
from api.caller import Caller
from api.context import NAME
from api.settings import Settings
from tests.api.conftest import Api, token
from tests.baselines.site import Site

HOST = {"Host": "localhost"}


def signed_in(app: OpenAPI, role: str = "admin") -> tuple[Any, str]:
    """A browser, and its CSRF token."""
    client: Any = app.test_client()
    code = app.extensions[NAME].sessions.code(Caller("os:joe", (role,)))
    assert client.get(f"/sign-in/{code}", headers=HOST).status_code == 303
    return client, client.get("/api/v1/session", headers=HOST).json["csrf_token"]


@pytest.mark.parametrize("header", ["Bearer x", "Basic eDp5", "Bearer", "Bearer smt_000000000000_" + "0" * 64, "x"])
def test_credentials_that_do_not_hold_are_refused(app: OpenAPI, header: str) -> None:
    answer: Any = app.test_client().get("/api/v1/cis", headers={**HOST, "Authorization": header})
    assert (answer.status_code, answer.json["type"]) == (401, "urn:surveymark:problem:unauthorized")


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("reader", {"read"}),
        ("operator", {"read", "operate"}),
        ("agent", {"report"}),
        ("collector", {"report", "sweep"}),
        ("admin", {"read", "operate", "sweep", "administer"}),
    ],
)
def test_each_role_may_only_what_is_its_own(api_as: Callable[..., Api], role: str, allowed: set[str]) -> None:
    ask = {
        "read": ("GET", "/cis", None),
        "operate": ("POST", "/baselines", {"name": "b", "scope": ""}),
        "sweep": ("PUT", f"/sweeps/{'a' * 16}", {"source": "ssh:1", "state": "running", "total": 0}),
        "administer": ("GET", "/tokens", None),
    }
    somebody = api_as(role, "agent:x" if role in ("agent", "collector") else None)
    for permission, (method, path, body) in ask.items():
        status = somebody(method, path, **({"json": body} if body else {})).status_code
        assert (status != 403) == (permission in allowed), permission


def test_a_cookie_is_out_of_reach_of_scripts_and_other_sites(app: OpenAPI) -> None:
    code = app.extensions[NAME].sessions.code(Caller("os:joe", ("admin",)))
    cookie = app.test_client().get(f"/sign-in/{code}", headers=HOST).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


def test_behind_tls_a_cookie_never_leaves_it(site: Site) -> None:
    from pathlib import Path

    app = create_app(Settings(certificate=Path("c"), key=Path("k")), site.store, site.clock)
    code = app.extensions[NAME].sessions.code(Caller("os:joe", ("admin",)))
    cookie = app.test_client().get(f"/sign-in/{code}", headers=HOST).headers["Set-Cookie"]
    assert cookie.startswith("__Host-")
    assert "Secure" in cookie


def test_a_change_with_a_cookie_needs_the_csrf_token(app: OpenAPI) -> None:
    client, csrf = signed_in(app)
    body = {"name": "b", "scope": ""}

    without = client.post("/api/v1/baselines", json=body, headers=HOST)
    wrong = client.post("/api/v1/baselines", json=body, headers={**HOST, "X-CSRF-Token": "x"})
    right = client.post("/api/v1/baselines", json=body, headers={**HOST, "X-CSRF-Token": csrf})

    assert [without.status_code, wrong.status_code, right.status_code] == [403, 403, 201]
    assert right.json["created_by"] == "os:joe"


def test_a_token_needs_no_csrf_token(api: Api) -> None:
    assert api("POST", "/baselines", json={"name": "b", "scope": ""}).status_code == 201


def test_signing_in_with_a_token_ends_when_the_token_is_revoked(app: OpenAPI, site: Site, api: Api) -> None:
    secret = token(site, "reader")
    client = app.test_client()
    assert client.post("/sign-in", data={"token": secret}, headers=HOST).status_code == 303
    assert client.get("/api/v1/cis", headers=HOST).status_code == 200

    api("DELETE", f"/tokens/{secret.split('_')[1]}")

    assert client.get("/api/v1/cis", headers=HOST).status_code == 401


def test_somebody_who_guesses_has_to_wait_and_whoever_knows_need_not(site: Site) -> None:
    app = create_app(Settings(failures_per_minute=3), site.store, lambda: 1_800_000_000_000_000)
    client = app.test_client()
    answers = [client.get("/api/v1/cis", headers={**HOST, "Authorization": "Bearer x"}) for _ in range(4)]
    other = Api(client, token(site, "reader"))("GET", "/cis")

    assert [a.status_code for a in answers] == [401, 401, 401, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert other.status_code == 200


def test_somebody_who_asks_too_often_has_to_wait(site: Site) -> None:
    app = create_app(Settings(requests_per_minute=2), site.store, lambda: site.time)
    joe = Api(app.test_client(), token(site, "reader"))
    assert [joe("GET", "/cis").status_code for _ in range(3)] == [200, 200, 429]
