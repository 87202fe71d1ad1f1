"""Agents on the page: versions, costs, failures, what to do, and nothing hostile."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI

from api.caller import Caller
from api.context import NAME
from tests.api.agent_side import AgentSide, enrol_token, enrolled
from tests.baselines.site import Site, accounts, failed, packages, system

NASTY = "<script>alert(1)</script>\"'>\u202e\x1b[2J"
HTML = {"Host": "localhost", "Accept": "text/html"}


@pytest.fixture
def web(app: OpenAPI, site: Site) -> AgentSide:
    web = enrolled(app, site, "web1")
    costly = replace(
        accounts("root"), cost={"cpu_seconds": 0.25, "wall_seconds": 0.5, "bytes": 99, "peak_memory_bytes": 0}
    )
    assert web.report(system("web1"), costly, failed(packages("a"), NASTY)).status_code == 200
    return web


@pytest.fixture
def signed_in(app: OpenAPI) -> dict[str, FlaskClient]:
    found = {}
    for role in ("reader", "operator", "agent"):
        client = app.test_client()
        code = app.extensions[NAME].sessions.code(Caller("os:tester", (role,)))
        client.get(f"/sign-in/{code}", headers=HTML)
        found[role] = client
    return found


def csrf_of(html: str) -> str:
    return html.partition('name="csrf_token" value="')[2].partition('"')[0]


def test_one_agent_shows_its_version_costs_and_failures(
    web: AgentSide, site: Site, signed_in: dict[str, FlaskClient]
) -> None:
    html = signed_in["reader"].get(f"/agents/{web.key}", headers=HTML).text

    assert "1.1" in html
    assert "0.250 s" in html
    assert html.index("packages") < html.index("accounts")
    assert f'href="/ci/{site.id("web1")}"' in html
    assert '<form class="words"' not in html
    for bad in ("<script>alert", "\u202e", "\x1b"):
        assert bad not in html


def test_agents_are_listed_those_that_wait_first(
    app: OpenAPI, site: Site, web: AgentSide, signed_in: dict[str, FlaskClient]
) -> None:
    waits = AgentSide(app.test_client(), site, NASTY)
    waits.enrol(enrol_token(site, approve=True))
    html = signed_in["reader"].get("/agents", headers=HTML).text

    assert html.index(waits.key) < html.index(web.key)
    assert "its token asks for approval" in html
    for bad in ("<script>alert", "\u202e", "\x1b"):
        assert bad not in html
        assert bad not in signed_in["operator"].get(f"/agents/{waits.key}", headers=HTML).text


def test_an_operator_decides_with_a_form_and_nobody_else(
    app: OpenAPI, site: Site, web: AgentSide, signed_in: dict[str, FlaskClient]
) -> None:
    waits = AgentSide(app.test_client(), site, "web2")
    waits.enrol(enrol_token(site, approve=True))
    operator = signed_in["operator"]
    csrf = (
        operator.get(f"/agents/{web.key}", headers=HTML)
        .text.partition('name="csrf_token" value="')[2]
        .partition('"')[0]
    )

    def do(client: FlaskClient, agent: AgentSide, what: str, token: str = csrf) -> int:
        form = {"do": what, "csrf_token": token, "reason": "sold"}
        return client.post(f"/agents/{agent.key}/decision", data=form, headers=HTML).status_code

    assert do(operator, waits, "approve", "forged") == 403
    for role in ("reader", "agent"):
        own = (
            signed_in[role]
            .get("/agents", headers=HTML)
            .text.partition('name="csrf_token" value="')[2]
            .partition('"')[0]
        )
        assert do(signed_in[role], waits, "approve", own) == 403
    steps = [(waits, "approve"), (web, "pass_now"), (web, "full_report"), (web, "rotate"), (web, "revoke")]
    assert [do(operator, agent, what) for agent, what in steps] == [303] * 5
    assert do(operator, waits, "run") == 400
    assert waits.report(system("web2")).status_code == 200
    assert web.report().status_code == 401
    assert "sold" in operator.get(f"/agents/{web.key}", headers=HTML).text


def test_an_agent_that_there_is_not_is_not_found(signed_in: dict[str, FlaskClient]) -> None:
    for id_ in ("b" * 12, NASTY):
        assert signed_in["reader"].get(f"/agents/{id_}", headers=HTML).status_code == 404
    assert signed_in["reader"].get("/agents?cursor=x", headers=HTML).status_code == 400
    assert signed_in["agent"].get("/agents", headers=HTML).status_code == 403
