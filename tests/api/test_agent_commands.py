"""`surveymark agent` on the server's side, and tokens that enrol."""

from __future__ import annotations

from collections.abc import Callable

from flask_openapi3.openapi import OpenAPI

from tests.api.agent_side import AgentSide, enrolled
from tests.api.conftest import Done
from tests.baselines.site import Site

Run = Callable[..., Done]


def test_an_agent_is_enrolled_approved_asked_rotated_and_revoked(surveymark: Run, app: OpenAPI, site: Site) -> None:
    made = surveymark(
        "token", "create", "rack 4", "--role", "enrol", "--count", "2", "--network", "127.0.0.0/8", "--approve"
    )
    web = AgentSide(app.test_client(), site, "web1")
    assert web.enrol(made.out.strip()).json["state"] == "pending"

    assert "its token asks for approval" in surveymark("agent", "list").out
    assert "may report" in surveymark("agent", "approve", web.key).err
    assert "is asked for pass_now" in surveymark("agent", "ask", web.key, "pass_now").err
    assert "to take a new secret" in surveymark("agent", "rotate", web.key).err
    assert surveymark("agent", "revoke", web.key, "--reason", "sold", "--json").json["reason"] == "sold"
    assert surveymark("agent", "list", "--json").json["items"][0]["state"] == "revoked"
    (token,) = surveymark("token", "list", "--json").json["items"]
    assert (token["count"], token["used"], token["networks"], token["approve"]) == (2, 1, ["127.0.0.0/8"], True)


def test_what_makes_no_sense_is_refused(surveymark: Run) -> None:
    assert surveymark("agent", "approve", "none").status == 2
    assert surveymark("agent", "ask", "none", "run").status == 2
    for words in (
        ("--count", "2"),
        ("--role", "enrol", "--role", "admin"),
        ("--role", "enrol", "--count", "0"),
        ("--role", "enrol", "--network", "here"),
        ("--role", "enrol", "--source", "agent:x"),
    ):
        assert surveymark("token", "create", "x", *words).status == 2, words


def test_a_hostile_name_is_shown_as_it_is_spelt(surveymark: Run, app: OpenAPI, site: Site) -> None:
    web = enrolled(app, site, "web\x1b[2J\u202e")

    for done in (surveymark("agent", "list"), surveymark("agent", "revoke", web.key)):
        assert "\x1b" not in done.out + done.err
        assert "\u202e" not in done.out + done.err
