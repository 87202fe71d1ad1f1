"""Batches of enrolled agents that say again in short what they said before."""

from __future__ import annotations

from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI

from cmdb.model import again
from cmdb.model.batch import Header, Section, encode
from tests.api.agent_side import AgentSide, enrolled
from tests.api.conftest import Api
from tests.baselines.site import Site, accounts, collected, failed, packages, system


@pytest.fixture
def web(app: OpenAPI, site: Site) -> AgentSide:
    return enrolled(app, site, "web1")


class Short:
    """An agent that remembers what its server knows."""

    def __init__(self, web: AgentSide) -> None:
        self.web = web
        self.known: dict[str, Section] = {}

    def header(self) -> Header:
        self.web.sequence += 1
        marks = {**self.web.marks, "agent_key": self.web.agent_key}
        number = self.web.sequence
        return Header(f"b-{number}", "s", "agent", number, self.web.site.time, "Host", marks)

    def at_length(self, *sections: Section) -> Any:
        self.known.update({s.name: s for s in sections})
        return self.web.report(data=b"".join(encode(self.header(), sections)))

    def briefly(self, *names: str, beside: tuple[Section, ...] = (), **options: Any) -> Any:
        sections = [*(self.known[name] for name in names), *beside]
        data = b"".join(again.encode(self.header(), sections, set(names), self.known, **options))
        self.known.update({s.name: s for s in beside})
        return self.web.report(data=data)


def outcomes(answer: Any) -> dict[str, str]:
    assert answer.status_code == 200, answer.text
    return {line["section"]: line["outcome"] for line in answer.json["sections"]}


def test_a_pass_over_some_sections_says_again_in_short_what_stands(web: AgentSide, site: Site) -> None:
    short = Short(web)
    short.at_length(system("web1"), packages("a", "b"), accounts("root"))
    head = site.head()

    cheap, dear, all_of_it = short.briefly("accounts"), short.briefly("packages"), short.briefly(*short.known)
    changed = short.briefly("accounts", beside=(packages("a", "c"),), costs=True)
    after = short.briefly("packages", "system")

    assert outcomes(cheap) == {"accounts": "unchanged"}
    assert outcomes(dear) == {"packages": "unchanged"}
    assert outcomes(all_of_it) == {"accounts": "unchanged", "packages": "unchanged", "system": "unchanged"}
    assert outcomes(changed) == {"accounts": "unchanged", "packages": "collected"}
    assert outcomes(after) == {"packages": "unchanged", "system": "unchanged"}
    assert site.head() == head + 1
    assert len(web.last[0]) < 450


def test_what_is_not_remembered_is_asked_for_at_length(web: AgentSide, site: Site, api: Api) -> None:
    short = Short(web)
    short.known = {"accounts": accounts("root")}
    wanted = short.briefly("accounts")
    assert (wanted.status_code, wanted.json["type"].rpartition(":")[2]) == (409, "lines-wanted")

    short.at_length(system("web1"), accounts("root"))
    short.known["accounts"] = accounts("root", "other")
    assert short.briefly("accounts").status_code == 409
    assert outcomes(short.at_length(accounts("root", "other"))) == {"accounts": "collected"}
    assert outcomes(short.briefly("accounts")) == {"accounts": "unchanged"}


def test_a_section_that_was_refused_is_sent_at_length_again(web: AgentSide) -> None:
    short = Short(web)
    bad = collected("bad", ["Rocket"], [])
    assert outcomes(short.at_length(system("web1"), bad)) == {"system": "collected", "bad": "refused"}

    assert short.briefly("bad").status_code == 409
    assert outcomes(short.briefly("system")) == {"system": "unchanged"}


def test_a_failure_is_said_again_in_short_too(web: AgentSide) -> None:
    short = Short(web)
    short.at_length(system("web1"), failed(packages("a")))

    assert outcomes(short.briefly("system", "packages")) == {"packages": "failed", "system": "unchanged"}


def test_a_redaction_makes_the_server_forget_what_was_said(web: AgentSide, site: Site, api: Api) -> None:
    short = Short(web)
    short.at_length(system("web1", os="secret words"), accounts("root"))
    assert outcomes(short.briefly("accounts")) == {"accounts": "unchanged"}

    api("POST", "/redactions", json={"ci": site.id("web1"), "attribute": "os", "reason": "a law"})

    assert short.briefly("accounts").status_code == 409


def test_a_full_report_is_one_with_all_bodies(web: AgentSide, api: Api) -> None:
    short = Short(web)
    short.at_length(system("web1"), accounts("root"))
    api("POST", f"/agents/{web.key}/wishes", json={"wish": "full_report"})

    assert short.briefly("accounts").json["wishes"] == ["full_report"]
    short.briefly("accounts")
    assert api("GET", f"/agents/{web.key}").json["asked"] == ["full_report"]
    short.at_length(system("web1"), accounts("root"))
    assert api("GET", f"/agents/{web.key}").json["asked"] == []


def test_a_batch_that_is_no_batch_is_refused_as_such(web: AgentSide) -> None:
    for data in (b'{"again":1', b'{"again":2}\n', b'{"again":1,"sections":[1]}', b"nonsense"):
        assert web.report(data=data).status_code in (409, 422), data
