"""Why a CI is this one: read from what is stored, never guessed."""

from __future__ import annotations

from typing import Any

import pytest

from cmdb.explain import GONE, UNKNOWN, explain
from cmdb.model.errors import NotFoundError, UsageError
from cmdb.model.identity import uuid
from tests.cmdb.building import Receiver, Reporter, packages, system
from tests.cmdb.identity_cases import Told, clone, machine, take

WEB = machine("web")
SWEPT = {n: v for n, v in WEB.items() if n != "agent_key"}


def asked(cmdb: Receiver, query: str) -> dict[str, Any]:
    with cmdb.view() as view:
        return explain(view, cmdb.one(query).id)


def attribute(found: dict[str, Any], name: str) -> dict[str, Any]:
    (one,) = [a for a in found["attributes"] if a["attribute"] == name]
    return one


def test_it_says_which_identifier_matched_and_which_were_tried_for_each_source(cmdb: Receiver) -> None:
    take(cmdb, [Told("web", "agent:web", 1, 0, WEB), Told("web", "sweep", 1, 60, SWEPT, "ssh")])

    first, second = asked(cmdb, "class:Host")["identity"]

    assert (first["source"], first["matched_by"]) == ("agent:web", None)
    assert "new CI" in first["how"]
    assert first["tried"][0] == f"agent key-web/{WEB['machine_id']}"
    assert [i["identifier"].split(" ")[0] for i in first["identifiers"]][:3] == ["agent", "dmi", "machine+dmi"]
    assert second["matched_by"] == f"dmi {uuid(WEB['dmi_uuid'])}/"
    assert second["tried"] == [second["matched_by"]]


def test_what_is_shared_and_the_conflict_about_it_are_named(cmdb: Receiver) -> None:
    take(cmdb, [Told("web", "agent:web", 1, 0, WEB), Told("copy", "agent:copy", 1, 60, clone("copy", WEB))])

    found = asked(cmdb, "class:Host name:copy")

    (match,) = found["identity"]
    shared = {i["identifier"].split(" ")[0] for i in match["identifiers"] if i["shared"]}
    assert shared == {"machine+key", "key+name"}
    assert [(c["number"], c["kind"]) for c in found["conflicts"]] == [(1, "shared")]
    with cmdb.view() as view:
        holders = {i.id for i in view.scan(["Host"])}
    assert all(set(i["shared"]["cis"]) == holders for i in match["identifiers"] if i["shared"])


@pytest.mark.parametrize(
    ("one", "other", "winner", "why"),
    [
        ({"route": "agent"}, {"route": "import"}, "one", "the route agent comes before import"),
        ({"privilege": "user"}, {"route": "ssh", "privilege": "full"}, "other", "looked with full privilege"),
        ({}, {"route": "ssh"}, "other", "it is the newest"),
    ],
)
def test_it_says_who_won_and_why(cmdb: Receiver, one: Any, other: Any, winner: str, why: str) -> None:
    for at, (source, how) in enumerate((("one", one), ("other", other))):
        privilege = how.get("privilege", "full")
        section = system("web", os=source)
        section.privilege = privilege
        reporter = Reporter("web", source, how.get("route", "agent"), privilege=privilege, marks=WEB)
        cmdb.now = at * 60
        cmdb.take(reporter.batch(section, at=at * 60))

    found = attribute(asked(cmdb, "class:Host"), "os")

    assert why in found["why"]
    assert [c["source"] for c in found["claims"] if c["wins"]] == [winner] == [found["value"]]
    assert len(found["claims"]) == 2


def test_where_all_say_the_same_nobody_had_to_win(cmdb: Receiver) -> None:
    take(cmdb, [Told("web", "agent:web", 1, 0, WEB), Told("web", "sweep", 1, 60, SWEPT, "ssh")])

    assert attribute(asked(cmdb, "class:Host"), "name")["why"] == "All 2 claims say the same."


def test_a_part_is_explained_by_its_whole(cmdb: Receiver) -> None:
    cmdb.take(Reporter("web").batch(system("web"), packages("curl")))

    found = asked(cmdb, "name:curl")

    assert found["known_as"].startswith("the SoftwarePackage dpkg/curl/amd64 of Host web (")
    assert found["identity"] == []
    assert attribute(found, "versions")["why"] == "Only agent:web tells it."


def test_what_is_retired_says_that_its_claims_are_gone(cmdb: Receiver) -> None:
    reporter = Reporter("web")
    cmdb.take(reporter.batch(system("web"), packages("curl")))
    id_ = cmdb.one("name:curl").id
    cmdb.now = 60
    cmdb.take(reporter.batch(system("web"), packages(), at=60))

    with cmdb.view() as view:
        found = explain(view, id_)
    assert found["ci"]["state"] == "retired"
    assert {a["why"] for a in found["attributes"]} == {GONE}


def test_a_match_of_before_it_was_kept_is_unknown(cmdb: Receiver) -> None:
    cmdb.take(Reporter("web").batch(system("web")))
    with cmdb.store.transaction() as tx:
        (scope,) = [s for s in tx.scopes(cmdb_id(cmdb)) if s.section == "subject"]
        scope.cost = {}
        tx.seen_again([scope])

    (match,) = asked(cmdb, "class:Host")["identity"]
    assert (match["how"], match["matched_by"], match["tried"]) == (UNKNOWN, None, [])


def cmdb_id(cmdb: Receiver) -> str:
    return cmdb.one("class:Host").id


def test_the_past_and_the_unknown_are_not_explained(cmdb: Receiver) -> None:
    cmdb.take(Reporter("web").batch(system("web")))
    with cmdb.view() as view:
        with pytest.raises(UsageError, match="revision 1"):
            explain(view, cmdb_id(cmdb), 1)
        with pytest.raises(NotFoundError):
            explain(view, "NONE")


def test_a_source_that_has_been_silent_for_too_long_is_said_to_be(cmdb: Receiver) -> None:
    days = 86_400
    cmdb.take(Reporter("web", "agent", marks=WEB).batch(system("web", os="old")))
    cmdb.now = 400 * days
    cmdb.take(Reporter("web", "import", "import", marks=WEB).batch(system("web", os="new"), at=400 * days))

    found = attribute(asked(cmdb, "class:Host"), "os")

    assert found["value"] == "new"
    assert found["why"] == "import counts: agent has been silent for longer than its limit."
    assert [c["silent"] for c in found["claims"]] == [False, True]
