"""What time alone changes: stale is not gone, silent sources stop blocking, unseen flows end."""

from __future__ import annotations

from typing import Any

import pytest

from cmdb.freshness import Freshness
from cmdb.model.batch import Section
from cmdb.model.declaration import Relation
from cmdb.model.times import SECOND
from cmdb.query import find, history, show
from tests.cmdb.building import (
    START,
    Receiver,
    Reporter,
    collected,
    endpoint,
    flows,
    instance,
    network,
    packages,
    software,
    system,
)

DAY = 86_400


def refresh(cmdb: Receiver, day: float, dry_run: bool = False) -> dict[str, Any]:
    cmdb.now = int(day * DAY)
    clock = lambda: START + cmdb.now * SECOND  # noqa: E731
    return Freshness(cmdb.store, "test", clock, cmdb.random, dry_run).run()


def state(cmdb: Receiver, query: str, at: int | None = None) -> str:
    id_ = cmdb.one(query).id
    with cmdb.view() as view:
        return str(show(view, id_, at)["state"])


def test_what_nobody_has_seen_for_long_is_stale_and_not_gone(cmdb: Receiver) -> None:
    cmdb.take(Reporter("web").batch(system("web"), packages("a"), network("10.0.0.1")))
    before = cmdb.natural()

    assert refresh(cmdb, 6.9)["revisions"] == []
    found = refresh(cmdb, 7.1)

    assert (found["stale"], len(found["revisions"])) == (2, 1)
    assert {state(cmdb, q) for q in ("class:Host", "class:SoftwarePackage", "class:IPAddress")} == {"stale"}
    assert cmdb.natural() == before
    with cmdb.view() as view:
        made = view.revision(found["revisions"][0])
        assert made is not None
        assert (made.kind, made.actor) == ("freshness", "test")
        assert {ci["state"] for ci in find(view, "")["items"]} == {"stale"}
        assert {ci["state"] for ci in find(view, "", at=made.number - 1)["items"]} == {"current"}


def test_a_second_run_writes_nothing(cmdb: Receiver) -> None:
    cmdb.take(Reporter("web").batch(system("web"), packages("a")))
    refresh(cmdb, 8)
    head = cmdb.head()

    assert refresh(cmdb, 9)["revisions"] == []
    assert cmdb.head() == head


def test_a_dry_run_tells_and_writes_nothing(cmdb: Receiver) -> None:
    cmdb.take(Reporter("web").batch(system("web")))
    head = cmdb.head()

    found = refresh(cmdb, 8, dry_run=True)

    assert (found["stale"], found["dry_run"], cmdb.head()) == (1, True, head)


def test_a_fresh_observation_makes_it_current_in_the_same_revision(cmdb: Receiver) -> None:
    web = Reporter("web")
    said = (system("web"), network("10.0.0.1"))
    cmdb.take(web.batch(*said))
    refresh(cmdb, 8)

    receipt = cmdb.take(web.batch(*said, at=8 * DAY))

    assert receipt["revision"] == cmdb.head() == 3
    assert {state(cmdb, q) for q in ("class:Host", "class:IPAddress")} == {"current"}
    assert cmdb.take(web.batch(*said, at=8 * DAY + 60))["revision"] is None


def test_an_unchanged_report_within_the_limit_makes_no_revision(cmdb: Receiver) -> None:
    web = Reporter("web")
    cmdb.take(web.batch(system("web")))
    cmdb.now = 6 * DAY
    cmdb.take(web.batch(system("web"), at=6 * DAY))

    assert refresh(cmdb, 12)["revisions"] == []
    assert cmdb.head() == 1


def test_what_people_said_goes_never_stale(cmdb: Receiver) -> None:
    cmdb.take(Reporter("web", source="people", route="manual").batch(system("web")))

    assert refresh(cmdb, 400)["revisions"] == []


def test_an_address_that_another_host_tells_of_stays_current(cmdb: Receiver) -> None:
    web, db = Reporter("web"), Reporter("db")
    cmdb.take(web.batch(system("web"), network("10.0.0.1")))
    cmdb.now = 5 * DAY
    cmdb.take(db.batch(system("db"), network("10.0.0.1"), at=5 * DAY))

    assert refresh(cmdb, 8)["stale"] == 1
    assert (state(cmdb, "class:IPAddress"), state(cmdb, "name:web")) == ("current", "stale")
    assert refresh(cmdb, 13)["stale"] == 2
    assert state(cmdb, "class:IPAddress") == "stale"


def test_an_address_that_a_new_host_takes_over_becomes_current_with_the_next_run(cmdb: Receiver) -> None:
    cmdb.take(Reporter("web").batch(system("web"), network("10.0.0.1")))
    refresh(cmdb, 8)
    cmdb.take(Reporter("db").batch(system("db"), network("10.0.0.1"), at=8 * DAY))

    assert refresh(cmdb, 8.1)["current"] == 1
    assert state(cmdb, "class:IPAddress") == "current"


def test_a_silent_source_stops_blocking_lower_ones_and_blocks_again_when_it_is_back(cmdb: Receiver) -> None:
    agent, snmp = Reporter("web"), Reporter("web", source="snmp", route="snmp")
    cmdb.take(agent.batch(system("web", os="agent", kernel="6")))
    cmdb.take(snmp.batch(system("web", os="snmp")))
    cmdb.now = 6 * DAY
    cmdb.take(snmp.batch(system("web", os="snmp"), at=6 * DAY))
    assert cmdb.one("class:Host").attributes == {"name": "web", "os": "agent", "kernel": "6"}

    found = refresh(cmdb, 8)

    assert (found["changed"], found["stale"], len(found["revisions"])) == (1, 0, 1)
    assert cmdb.one("class:Host").attributes == {"name": "web", "os": "snmp", "kernel": "6"}
    assert refresh(cmdb, 8.1)["revisions"] == []
    cmdb.take(agent.batch(system("web", os="agent", kernel="6"), at=int(8.1 * DAY)))
    assert cmdb.one("class:Host").attributes == {"name": "web", "os": "agent", "kernel": "6"}


def test_a_silent_source_stops_blocking_what_others_say_of_a_relation(cmdb: Receiver) -> None:
    one, end = instance("nginx"), endpoint(80)

    def said(why: str) -> Section:
        told = [Relation("EXPOSES", one.ref(), end.ref(), {"why": why})]
        return collected("software", ["SoftwareInstance", "Endpoint"], [one, end], told)

    agent, csv = Reporter("web"), Reporter("web", source="cmdb.csv", route="import")
    cmdb.take(agent.batch(system("web"), said("agent")))
    cmdb.take(csv.batch(said("csv")))
    assert cmdb.link("EXPOSES").attributes == {"why": "agent"}

    assert refresh(cmdb, 8)["changed"] == 1
    assert cmdb.link("EXPOSES").attributes == {"why": "csv"}
    assert refresh(cmdb, 8.1)["revisions"] == []
    cmdb.take(agent.batch(system("web"), said("agent"), at=int(8.1 * DAY)))
    assert cmdb.link("EXPOSES").attributes == {"why": "agent"}


def test_a_report_while_the_stronger_source_is_silent_counts_at_once(cmdb: Receiver) -> None:
    agent, snmp = Reporter("web"), Reporter("web", source="snmp", route="snmp")
    cmdb.take(agent.batch(system("web", os="agent")))
    cmdb.take(snmp.batch(system("web", os="snmp")))
    cmdb.now = 8 * DAY

    cmdb.take(snmp.batch(system("web", os="newer"), at=8 * DAY))

    assert cmdb.one("class:Host").attributes["os"] == "newer"
    cmdb.take(agent.batch(system("web", os="agent"), at=8 * DAY))
    assert cmdb.one("class:Host").attributes["os"] == "agent"


def test_a_flow_that_nobody_sights_for_thirty_days_ends(cmdb: Receiver) -> None:
    web, db = Reporter("web"), Reporter("db")
    cmdb.take(db.batch(system("db"), network("10.0.0.2"), software("postgres:5432")))
    for at in (0, 120):
        cmdb.now = at
        cmdb.take(web.batch(system("web"), software(silent=["app"]), flows(("app", "10.0.0.2", 5432)), at=at))
    assert len(cmdb.links("TALKS_TO")) == 1
    id_ = cmdb.link("TALKS_TO").subject

    assert refresh(cmdb, 29)["flows"] == 0
    assert refresh(cmdb, 31)["flows"] == 1

    assert cmdb.links("TALKS_TO") == set()
    with cmdb.view() as view:
        ended = [r for r in history(view, id_)["items"] if r["kind"] == "retired"]
        assert [(r["witness"], r["not_before"]) for r in ended] == [("freshness", "2026-01-01T00:02:00.000000Z")]
        assert view.pending([id_]) == []
    assert refresh(cmdb, 32)["flows"] == 0


def test_a_reference_to_nobody_ends_without_a_revision(cmdb: Receiver) -> None:
    cmdb.take(Reporter("web").batch(system("web"), software(silent=["app"]), flows(("app", "10.9.9.9", 1))))
    refresh(cmdb, 8)
    head = cmdb.head()

    assert refresh(cmdb, 31)["flows"] == 1
    assert cmdb.head() == head


@pytest.mark.parametrize("hosts", [7])
def test_more_than_a_chunk_is_worked_through_in_a_transaction_each(
    cmdb: Receiver, monkeypatch: pytest.MonkeyPatch, hosts: int
) -> None:
    monkeypatch.setattr("cmdb.freshness.SUBJECTS", 3)
    for number in range(hosts):
        cmdb.take(Reporter(f"h{number}").batch(system(f"h{number}")))

    found = refresh(cmdb, 8)

    assert (found["stale"], found["subjects"], len(found["revisions"])) == (hosts, hosts, 3)
