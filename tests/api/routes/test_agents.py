"""Agents over HTTP: enrolled by a token, known by their signatures, asked for two things and nothing else."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask_openapi3.openapi import OpenAPI

from api.app import create_app
from api.models_agents import Agent, Agents, Enrolment, Rotation, Wishes
from api.settings import Settings
from cmdb.model.times import SECOND
from tests.api.agent_side import BATCHES, AgentSide, enrol_token, enrolled
from tests.api.conftest import Api
from tests.baselines.site import Site, accounts, system

WISHES = "/api/v1/agent/wishes"
ROTATIONS = "/api/v1/agent/rotations"


@pytest.fixture
def web(app: OpenAPI, site: Site) -> AgentSide:
    return enrolled(app, site, "web1")


def test_an_agent_is_enrolled_and_reports_as_itself_whatever_its_batch_says(app: OpenAPI, site: Site, api: Api) -> None:
    web = AgentSide(app.test_client(), site, "web1")

    made = web.enrol(enrol_token(site))
    receipt = web.report(system("web1"), accounts("root"))

    told = Enrolment.model_validate(made.json)
    assert (made.status_code, made.headers["Cache-Control"], told.state) == (201, "no-store", "active")
    assert receipt.status_code == 200, receipt.text
    assert (receipt.json["source"], receipt.json["wishes"]) == (told.source, [])
    found = Agent.model_validate(api("GET", f"/agents/{told.key}").json)
    assert (found.name, found.ci, found.version) == ("web1", site.id("web1"), "1.1")
    with site.store.view() as view:
        kinds = [(r.kind, r.actor.partition(" ")[0]) for r in view.revisions(1)][-2:]
        scopes = view.scopes(site.id("web1"))
    assert kinds == [("agent", f"token:{found.token}"), ("ingest", f"agent:{told.key}")]
    assert {(s.source, s.route) for s in scopes} == {(told.source, "agent")}


def test_no_secret_is_in_the_store_or_in_any_answer_but_the_first(web: AgentSide, site: Site, api: Api) -> None:
    web.report()
    listed = Agents.model_validate(api("GET", "/agents").json)
    kept = b"".join(file.read_bytes() for file in _files(site))

    assert len(listed.items) == 1
    for secret in (web.secret, web.secret.hex().encode(), base64.b64encode(web.secret)):
        assert secret not in kept
        assert secret.decode("latin-1") not in api("GET", "/agents").text


@pytest.mark.parametrize(
    ("why", "status"), [("count", 403), ("expired", 401), ("revoked", 401), ("role", 403), ("network", 403)]
)
def test_a_token_enrols_no_more_than_it_may(app: OpenAPI, site: Site, api: Api, why: str, status: int) -> None:
    networks = ("10.0.0.0/8",) if why == "network" else ()
    token = enrol_token(site, 1, *networks, expires="1h" if why == "expired" else "never")
    if why == "count":
        enrolled(app, site, "first", token)
    if why == "expired":
        site.time += 3601 * SECOND
    if why == "revoked":
        api("DELETE", f"/tokens/{token.split('_')[1]}")

    refused = AgentSide(app.test_client(), site, "web1").enrol(api.token if why == "role" else token)

    assert refused.status_code == status, refused.text
    assert api("GET", "/agents").json["items"] == [] or why == "count"


def test_an_enrolment_token_can_do_nothing_but_enrol_and_an_agent_nothing_but_report(
    web: AgentSide, app: OpenAPI, site: Site
) -> None:
    enrol = Api(app.test_client(), enrol_token(site))

    for method, path in (("GET", "/cis"), ("GET", "/agents"), ("GET", "/tokens"), ("POST", "/batches")):
        assert enrol(method, path, data=b"{}").status_code == 403, path
        if path != "/batches":
            assert web.ask(method, f"/api/v1{path}").status_code == 403, path
    assert web.ask("POST", f"/api/v1/agents/{web.key}/rotation").status_code == 403
    assert web.ask("GET", "/api/v1/agent/digest-key").status_code == 200
    assert web.ask("POST", "/api/v1/agent/enrolments", b"{}", {"Content-Type": "application/json"}).status_code in (
        403,
        422,
    )


@pytest.mark.parametrize("role", ["reader", "agent", "collector", "enrol"])
def test_only_operators_and_administrators_decide_about_agents(
    api_as: Callable[..., Api], web: AgentSide, role: str
) -> None:
    somebody = api_as(role, "agent:x") if role in ("agent", "collector") else api_as(role)

    for what, said in (("approval", {}), ("revocation", {}), ("rotation", {}), ("wishes", {"wish": "pass_now"})):
        assert somebody("POST", f"/agents/{web.key}/{what}", json=said).status_code == 403
        assert api_as("operator")("POST", "/agents/none/" + what, json=said).status_code == 404


def test_with_approve_an_agent_waits_until_an_operator_lets_it_report(
    app: OpenAPI, site: Site, api_as: Callable[..., Api]
) -> None:
    web = AgentSide(app.test_client(), site, "web1")
    made = web.enrol(enrol_token(site, approve=True))

    waits = web.report()
    approved = api_as("operator")("POST", f"/agents/{web.key}/approval", json={})

    assert (made.json["state"], made.json["reason"]) == ("pending", "its token asks for approval")
    assert (waits.status_code, waits.json["type"].rpartition(":")[2]) == (403, "pending")
    assert waits.headers["Retry-After"] == "300"
    assert approved.json["state"] == "active"
    assert web.report().status_code == 200
    assert api_as("operator")("POST", f"/agents/{web.key}/approval", json={}).status_code == 409


def test_whoever_comes_with_identifiers_of_an_enrolled_host_waits_for_an_operator(
    app: OpenAPI, site: Site, web: AgentSide, api: Api
) -> None:
    web.report()
    thief = AgentSide(app.test_client(), site, "thief", marks={"dmi_uuid": web.marks["dmi_uuid"]})
    anew = AgentSide(app.test_client(), site, "web1")

    stolen, again = thief.enrol(enrol_token(site)), anew.enrol(enrol_token(site))

    assert (stolen.json["state"], again.json["state"]) == ("pending", "pending")
    assert web.key in stolen.json["reason"]
    assert web.report().status_code == 200
    api("POST", f"/agents/{anew.key}/approval", json={"replace": True})
    assert web.report().status_code == 401
    anew.sequence = web.sequence
    assert anew.report(accounts("root", "new")).json["quarantined"] == []
    assert api("GET", f"/agents/{anew.key}").json["ci"] == api("GET", f"/agents/{web.key}").json["ci"]
    assert api("GET", f"/agents/{thief.key}").json["state"] == "revoked"


def test_an_enrolment_whose_answer_was_lost_is_made_again(app: OpenAPI, site: Site, api: Api) -> None:
    token, web = enrol_token(site, 1), AgentSide(app.test_client(), site, "web1")

    lost, told = web.enrol(token), web.enrol(token)

    assert (told.status_code, told.json["state"]) == (201, "active")
    assert api("GET", f"/agents/{lost.json['key']}").json["state"] == "revoked"
    assert web.report().status_code == 200


def test_a_request_counts_once_and_a_batch_sent_again_gets_its_first_receipt(web: AgentSide, site: Site) -> None:
    data = web.batch()
    first = web.report(data=data)
    head = site.head()

    replayed, again = web.again("POST", BATCHES), web.report(data=data)

    assert (replayed.status_code, replayed.json["type"].rpartition(":")[2]) == (401, "replayed")
    assert again.json["revision"] == first.json["revision"] is not None
    assert site.head() == head


def test_a_nonce_is_refused_by_the_next_process_too(web: AgentSide, site: Site) -> None:
    web.report()
    web.client = create_app(Settings(), site.store, site.clock).test_client()

    assert web.again("POST", BATCHES).json["type"].endswith("replayed")


@pytest.mark.parametrize("wrong", ["secret", "key", "content", "old", "future"])
def test_what_is_not_signed_by_its_key_now_is_refused(web: AgentSide, site: Site, wrong: str) -> None:
    key, head = web.key, site.head()
    if wrong == "key":
        web.key = "0" * 12
    every: dict[str, dict[str, Any]] = {
        "secret": {"secret": b"x" * 32},
        "content": {"sent": gzip.compress(b"another")},
        "old": {"created": site.time // SECOND - 400},
        "future": {"created": site.time // SECOND + 400},
    }
    options = every.get(wrong, {})

    refused = web.ask("POST", ROTATIONS, b"{}", {"Content-Type": "application/json"}, **options)
    batch = web.report(**options)

    kind = {"content": "digest", "old": "clock", "future": "clock"}.get(wrong, "signature")
    assert [(r.status_code, r.json["type"].rpartition(":")[2]) for r in (refused, batch)] == [(401, kind)] * 2
    assert "Date" in refused.headers
    assert site.head() == head
    assert key not in refused.text


def test_a_wish_is_told_until_it_is_done_and_there_are_two(web: AgentSide, site: Site, api: Api) -> None:
    web.report()
    assert api("POST", f"/agents/{web.key}/wishes", json={"wish": "run"}).status_code == 422
    asked = api("POST", f"/agents/{web.key}/wishes", json={"wish": "full_report"})
    assert asked.json["asked"] == ["full_report"]
    assert api("POST", f"/agents/{web.key}/wishes", json={"wish": "full_report"}).status_code == 409

    told = Wishes.model_validate(web.ask("GET", WISHES).json)
    assert told.wishes == ["full_report"]
    assert web.report(accounts("root", "one")).json["wishes"] == []
    assert api("GET", f"/agents/{web.key}").json["asked"] == []


def test_a_secret_is_renewed_and_the_old_one_ends_when_the_new_one_is_used(
    web: AgentSide, api: Api, site: Site
) -> None:
    old = web.secret
    soon = api("POST", f"/agents/{web.key}/rotation", json={})
    assert web.report().json["secret_ends_at"] == soon.json["secret_ends_at"]

    made = web.ask("POST", ROTATIONS)
    new = base64.b64decode(Rotation.model_validate(made.json).secret)

    assert web.ask("GET", WISHES).status_code == 200  # the answer may have been lost
    web.secret = new
    assert web.ask("GET", WISHES).json["secret_ends_at"] == made.json["secret_ends_at"] > soon.json["secret_ends_at"]
    web.secret = old
    assert web.ask("GET", WISHES).status_code == 401
    web.secret = new
    site.time += 181 * 86_400 * SECOND
    assert web.ask("GET", WISHES).status_code == 401


def test_a_revoked_agent_is_nobody_and_its_secret_is_forgotten(web: AgentSide, api: Api, site: Site) -> None:
    ended = api("POST", f"/agents/{web.key}/revocation", json={"reason": "sold"})

    assert (ended.json["state"], ended.json["reason"]) == ("revoked", "sold")
    assert web.report().status_code == 401
    with site.store.view() as view:
        entry = view.entry("agent", web.key)
        rows = [(r.kind, r.actor.partition(" ")[0]) for r in view.revisions(1)][-1]
    assert entry is not None
    assert entry.value["secrets"] == []
    assert rows[0] == "agent"
    assert api("POST", f"/agents/{web.key}/revocation", json={}).status_code == 409


def test_behind_a_proxy_only_a_trusted_ones_word_of_the_address_counts(site: Site) -> None:
    token = enrol_token(site, 5, "10.0.0.0/8")
    said = {"X-Forwarded-For": "192.0.2.1, 10.1.2.3"}
    plain = create_app(Settings(), site.store, site.clock).test_client()
    behind = create_app(Settings(trusted_proxies=("127.0.0.1/32",)), site.store, site.clock).test_client()

    assert AgentSide(plain, site, "web1").enrol(token, headers=said).status_code == 403
    made = AgentSide(behind, site, "web1").enrol(token, headers=said)
    assert made.status_code == 201
    forged = {"X-Forwarded-For": "10.1.2.3, 192.0.2.1"}
    assert AgentSide(behind, site, "web2").enrol(token, headers=forged).status_code == 403


@pytest.mark.parametrize(
    "told",
    [
        {"marks": {"": "x"}},
        {"marks": {"macs": [["x"]]}},
        {"marks": {f"m{n}": "x" for n in range(2000)}},
        {"agent_key": "short"},
        {"host_name": "x" * 2000},
        {"more": 1},
    ],
)
def test_an_enrolment_that_makes_no_sense_is_refused(app: OpenAPI, site: Site, told: dict[str, object]) -> None:
    refused = AgentSide(app.test_client(), site, "web1").enrol(enrol_token(site), told=told)

    assert refused.status_code == 422, refused.text


def _files(site: Site) -> list[Path]:
    path = Path(urlsplit(site.store.url).path)
    return list(path.parent.glob(path.name + "*"))
