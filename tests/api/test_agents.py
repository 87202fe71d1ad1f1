"""The register of agents: each act is a revision that names who did it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from api.agents import Applicant, registered, show
from api.caller import Caller
from api.tokens import Enrolling, Tokens
from cmdb.model.errors import ConflictError, ForbiddenError, NotFoundError, UsageError
from cmdb.model.times import SECOND
from tests.api.test_agent_keys import Known
from tests.baselines.site import Site


@pytest.fixture
def known(site: Site, tmp_path: Path) -> Known:
    return Known(site, tmp_path)


def token(site: Site, enrolling: Enrolling | None = None, role: str = "enrol") -> Caller:
    tokens = Tokens(site.store, site.clock)
    found = tokens.verify(tokens.create("os:root", "t", [role], enrolling=enrolling)["token"])
    assert isinstance(found, Caller)
    return found


def applicant(number: int, **marks: object) -> Applicant:
    return Applicant(f"h{number}", f"{number:032x}", {"machine_id": f"{number + 16:032x}", **marks})


def test_every_act_is_a_revision_that_names_who_did_it(known: Known, site: Site) -> None:
    head = site.head()
    known.agents.ask("ann", known.id, "pass_now")
    known.agents.rotate("ben", known.id)
    known.keys.renew(known.id)
    known.agents.revoke("cia", known.id, "sold")

    with site.store.view() as view:
        rows = [(r.kind, r.actor, r.cause) for r in view.revisions(head)]
        history = json.dumps([e.value for e in view.entry_history("agent", known.id)])
    assert rows == [
        ("agent", "ann", f"agent {known.id} of web1 is asked for pass_now"),
        ("agent", "ben", f"agent {known.id} of web1 has to take a new secret"),
        ("agent", f"agent:{known.id} web1", f"new secret for agent {known.id} of web1"),
        ("agent", "cia", f"agent {known.id} of web1 revoked"),
    ]
    assert known.secret.hex() not in history


def shown_of(site: Site, id_: str) -> dict[str, Any]:
    with site.store.view() as view:
        return show(view, id_)


def test_what_is_shown_has_no_secrets_and_no_marks(known: Known, site: Site) -> None:
    with site.store.view() as view:
        (shown,) = registered(view)["items"]

    assert shown == shown_of(site, known.id)
    assert not {"secrets", "identifiers", "wishes"} & set(shown)
    assert "sealed" not in json.dumps(shown)


def test_a_token_enrols_so_many_also_where_its_holder_was_known_before(known: Known, site: Site) -> None:
    two = token(site, Enrolling(2))
    for number in (1, 2):
        assert known.agents.enrol(two, applicant(number), "10.0.0.1")["state"] == "active"
    with pytest.raises(ForbiddenError, match="the 2 agents that it may"):
        known.agents.enrol(two, applicant(3), "10.0.0.1")
    Tokens(site.store, site.clock).revoke("ann", two.token)
    with pytest.raises(ForbiddenError, match="revoked"):
        known.agents.enrol(two, applicant(3), "10.0.0.1")
    with pytest.raises(ForbiddenError, match="needs one of: enrol"):
        known.agents.enrol(token(site, role="admin"), applicant(3), "10.0.0.1")


@pytest.mark.parametrize("mark", ["dmi_uuid", "cloud_instance", "permanent_macs"])
def test_one_identifier_of_a_live_host_is_enough_to_wait(known: Known, site: Site, mark: str) -> None:
    value: object = {
        "dmi_uuid": "1b4e28ba-2fa1-11d2-883f-b9a761bde3fb",
        "cloud_instance": "aws/eu/i-1",
        "permanent_macs": ["00:11:22:33:44:55"],
    }[mark]
    first = known.agents.enrol(token(site), applicant(1, **{mark: value}), "")
    second = known.agents.enrol(token(site), applicant(2, **{mark: value}), "")

    assert (first["state"], second["state"]) == ("active", "pending")
    assert first["key"] in second["reason"]
    known.agents.revoke("ann", first["key"])
    known.agents.revoke("ann", second["key"])
    assert known.agents.enrol(token(site), applicant(3, **{mark: value}), "")["state"] == "active"


def test_whoever_tells_another_installations_key_waits(known: Known, site: Site) -> None:
    thief = known.agents.enrol(token(site), Applicant("thief", "ab" * 16, {"machine_id": "99" * 16}), "")

    assert thief["state"] == "pending"


def test_approving_replaces_others_only_where_it_is_said(known: Known, site: Site) -> None:
    anew = [known.agents.enrol(token(site), Applicant("web1", "ab" * 16, {}), "")["key"] for _ in range(2)]

    known.agents.approve("ann", anew[0])
    assert shown_of(site, known.id)["state"] == "active"
    shown = known.agents.approve("ann", anew[1], replace=True)

    assert (shown["state"], shown["approved_by"]) == ("active", "ann")
    states = {one: shown_of(site, one) for one in (known.id, anew[0])}
    assert {s["state"] for s in states.values()} == {"revoked"}
    assert {s["reason"] for s in states.values()} == {f"replaced by {anew[1]}"}
    with pytest.raises(ConflictError, match="not pending"):
        known.agents.approve("ann", anew[1])


def test_two_things_can_be_asked_each_once_a_minute(known: Known, site: Site) -> None:
    known.agents.ask("ann", known.id, "pass_now")
    known.agents.ask("ann", known.id, "full_report")
    with pytest.raises(ConflictError, match="less than a minute"):
        known.agents.ask("ann", known.id, "pass_now")
    with pytest.raises(UsageError, match="full_report or pass_now, not for 'rm -rf"):
        known.agents.ask("ann", known.id, "rm -rf /")

    assert known.agents.told(known.id, asked=False)["wishes"] == ["full_report", "pass_now"]
    assert known.agents.told(known.id, asked=False)["wishes"] == []
    site.time += 61 * SECOND
    assert known.agents.told(known.id, asked=False)["wishes"] == ["full_report", "pass_now"]
    known.agents.ask("ann", known.id, "pass_now")
    known.agents.revoke("ann", known.id)
    with pytest.raises(ConflictError, match="revoked"):
        known.agents.ask("ann", known.id, "pass_now")
    with pytest.raises(ForbiddenError, match="revoked"):
        known.agents.told(known.id, asked=True)


def test_what_there_is_not_can_not_be_changed(known: Known, site: Site) -> None:
    for act in (
        lambda i: shown_of(site, i),
        lambda i: known.agents.approve("a", i),
        lambda i: known.agents.rotate("a", i),
    ):
        for id_ in ("none", "ü", ""):
            with pytest.raises(NotFoundError):
                act(id_)


def test_a_host_without_any_mark_or_name_is_enrolled_as_such(known: Known, site: Site) -> None:
    made = known.agents.enrol(token(site), Applicant("\0 ", "cd" * 16, {}), "")

    assert made["state"] == "active"
    assert shown_of(site, made["key"])["name"].strip("\u2400") in ("", "unnamed")


def test_agents_are_listed_by_the_page_those_that_wait_first(known: Known, site: Site) -> None:
    waits = known.agents.enrol(token(site, Enrolling(1, (), True)), applicant(9), "")["key"]
    more = [known.agents.enrol(token(site), applicant(n), "")["key"] for n in range(3)]
    known.agents.revoke("ann", known.id)

    with site.store.view() as view:
        first = registered(view, limit=3)
        second = registered(view, first["next"], 3)
    assert [a["id"] for a in first["items"] + second["items"]] == [waits, *more, known.id]
    assert (first["total"], second["next"]) == (5, None)
