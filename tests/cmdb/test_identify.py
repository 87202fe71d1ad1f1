"""Which CI a subject is: nothing is ever overwritten by a guess."""

from __future__ import annotations

from typing import Any

import pytest

from cmdb.identify import Identified, identify
from cmdb.model.identity import uuid
from cmdb.model.values import digest
from cmdb.ports import Transaction
from cmdb.taking import Receipt
from tests.cmdb.building import START, Receiver, Reporter, packages, system

MACHINE = digest("machine")[:32]
OTHER = digest("other")[:32]
DMI = "4c4c4544-0051-3610-8052-b4c04f4a4e31"
KEYS = ["SHA256:one"]


def report(cmdb: Receiver, source: str, marks: dict[str, Any], at: int = 0, name: str = "web", **parts: Any) -> Receipt:
    cmdb.now = max(cmdb.now, at)
    sequence = at
    return cmdb.take(Reporter(name, source=source, marks=marks, sequence=sequence, **parts).batch(system(name), at=at))


def ask(cmdb: Receiver, marks: dict[str, Any], source: str = "x", at: int = 0) -> Identified:
    with cmdb.store.transaction() as tx:
        return identify(tx, "Host", marks, source, "default", START + at * 1_000_000, 3600)


def test_nobody_known_is_a_new_ci_with_what_it_brought(cmdb: Receiver) -> None:
    found = ask(cmdb, {"machine_id": MACHINE, "agent_key": "a", "fqdn": "web.example.com"})

    assert (found.id, found.quarantine, found.disagreements) == (None, "", [])
    assert found.identifiers == [f"agent a/{MACHINE}", "fqdn web.example.com"]


def test_the_strongest_identifier_that_hits_matches(cmdb: Receiver) -> None:
    marks = {"machine_id": MACHINE, "agent_key": "a", "dmi_uuid": DMI}
    report(cmdb, "agent", marks)

    found = ask(cmdb, {"machine_id": MACHINE, "dmi_uuid": DMI, "ssh_host_keys": KEYS})

    assert found.id == cmdb.one("class:Host").id
    assert found.matched_by == f"dmi {uuid(DMI)}/"
    assert found.tried == [f"dmi {uuid(DMI)}/"]


def test_a_weak_identifier_never_matches(cmdb: Receiver) -> None:
    report(cmdb, "agent", {"machine_id": MACHINE, "agent_key": "a", "fqdn": "web.example.com"})

    assert ask(cmdb, {"machine_id": OTHER, "agent_key": "b", "fqdn": "web.example.com"}).id is None


@pytest.mark.parametrize(
    ("marks", "said"),
    [
        ({}, "it brought nothing"),
        ({"fqdn": "web.example.com"}, "it brought fqdn"),
        ({"machine_id": MACHINE}, "it brought machine_id"),
    ],
)
def test_without_an_identifier_it_is_quarantined_and_told_what_is_missing(
    cmdb: Receiver, marks: dict[str, Any], said: str
) -> None:
    found = ask(cmdb, marks)

    assert said in found.quarantine
    assert found.id is None


def test_hits_on_two_cis_at_one_rank_quarantine_it_and_the_others_go_on(cmdb: Receiver) -> None:
    for name, key in (("a", "SHA256:a"), ("b", "SHA256:b")):
        report(cmdb, name, {"machine_id": digest(name)[:32], "ssh_host_keys": [key], "host_name": "web"}, name=name)
    both = {"host_name": "web", "ssh_host_keys": ["SHA256:a", "SHA256:b"]}

    receipt = report(cmdb, "c", both, name="c")

    assert "belongs to 2 CIs" in receipt["quarantined"][0]["reason"]
    assert cmdb.names("class:Host") == ["a", "b"]
    assert (
        report(cmdb, "a", {"machine_id": digest("a")[:32], "ssh_host_keys": ["SHA256:a"]}, 5, "a")["quarantined"] == []
    )


def test_a_match_that_another_live_source_contradicts_is_a_new_ci_and_an_open_conflict(cmdb: Receiver) -> None:
    report(cmdb, "one", {"machine_id": MACHINE, "dmi_uuid": DMI, "agent_key": "a"}, name="web")

    receipt = report(cmdb, "two", {"machine_id": OTHER, "dmi_uuid": DMI, "agent_key": "b"}, at=60, name="clone")

    assert cmdb.names("class:Host") == ["clone", "web"]
    assert "agent key" in receipt["conflicts"][0]
    with cmdb.view() as view:
        (conflict,) = view.entries("conflict")
        shared = [e.key for e in view.entries("shared_identifier")]
    assert conflict.value["cis"] == sorted(i.id for i in cmdb.found("class:Host"))
    assert shared == [f"dmi {uuid(DMI)}/"]


def test_what_is_shared_identifies_nobody_any_more(cmdb: Receiver) -> None:
    report(cmdb, "one", {"machine_id": MACHINE, "dmi_uuid": DMI, "agent_key": "a"})
    report(cmdb, "two", {"machine_id": OTHER, "dmi_uuid": DMI, "agent_key": "b"}, at=60)

    alone = ask(cmdb, {"dmi_uuid": DMI})
    assert "shared" in alone.quarantine
    own = report(cmdb, "one", {"machine_id": MACHINE, "dmi_uuid": DMI, "agent_key": "a"}, at=120)
    assert (own["quarantined"], own["conflicts"]) == ([], [])
    assert len(cmdb.found("class:Host")) == 2


def test_a_source_that_went_silent_contradicts_nobody(cmdb: Receiver) -> None:
    report(cmdb, "one", {"machine_id": MACHINE, "dmi_uuid": DMI, "agent_key": "a"})

    receipt = report(cmdb, "two", {"machine_id": OTHER, "dmi_uuid": DMI, "agent_key": "b"}, at=7200)

    assert receipt["conflicts"] == []
    assert len(cmdb.found("class:Host")) == 1


def test_a_stolen_identifier_never_stops_the_victim(cmdb: Receiver) -> None:
    report(cmdb, "one", {"machine_id": MACHINE, "agent_key": "a"}, name="web")
    report(cmdb, "two", {"machine_id": OTHER, "agent_key": "b", "ssh_host_keys": KEYS, "host_name": "db"}, name="db")

    thief = {"machine_id": MACHINE, "agent_key": "a", "ssh_host_keys": KEYS, "host_name": "db"}
    receipt = report(cmdb, "one", thief, at=60, name="web")

    assert "is also of" in receipt["conflicts"][0]
    assert cmdb.names("class:Host") == ["db", "web"]
    victim = next(i for i in cmdb.found("class:Host") if i.name == "db")
    robber = next(i for i in cmdb.found("class:Host") if i.name == "web")
    assert "key+name SHA256:one/db" in victim.identifiers
    assert "key+name SHA256:one/db" in robber.identifiers
    again = {"machine_id": OTHER, "agent_key": "b", "ssh_host_keys": KEYS, "host_name": "db"}
    assert report(cmdb, "two", again, at=120, name="db")["conflicts"] == []


def test_a_host_that_is_renamed_and_readdressed_stays_the_same(cmdb: Receiver) -> None:
    report(cmdb, "one", {"machine_id": MACHINE, "agent_key": "a", "host_name": "old"}, name="old")
    before = cmdb.one("class:Host").id
    report(cmdb, "one", {"machine_id": MACHINE, "agent_key": "a", "host_name": "new"}, at=60, name="new")

    assert cmdb.one("class:Host").id == before
    assert cmdb.one("class:Host").name == "new"


def test_an_identifier_that_is_no_longer_claimed_finds_nobody(cmdb: Receiver) -> None:
    report(cmdb, "one", {"machine_id": MACHINE, "agent_key": "a", "dmi_uuid": DMI})
    report(cmdb, "one", {"machine_id": MACHINE, "agent_key": "a"}, at=60)

    assert ask(cmdb, {"dmi_uuid": DMI}).id is None


def test_what_comes_late_of_a_host_that_has_taken_its_marks_back_is_of_that_host(cmdb: Receiver) -> None:
    keys = {"machine_id": MACHINE, "ssh_host_keys": KEYS, "host_name": "web"}
    report(cmdb, "one", {**keys, "dmi_uuid": DMI, "system_serial": "a serial 4711"})
    report(cmdb, "clone", {**keys, "dmi_uuid": DMI.replace("4c", "5d"), "system_serial": "a serial 4711"}, at=60)
    report(cmdb, "one", keys, at=180)
    before, hosts = cmdb.natural(), len(cmdb.found("class:Host"))

    late = report(cmdb, "one", {**keys, "dmi_uuid": DMI, "system_serial": "a serial 4711"}, at=120)

    assert late["superseded"] == ["os"]
    assert (cmdb.natural(), len(cmdb.found("class:Host"))) == (before, hosts)


def test_what_a_source_said_of_a_host_before_it_found_another_one_makes_no_third(cmdb: Receiver) -> None:
    serial = {"agent_key": "a", "system_serial": "Acme/X1/4711"}
    report(cmdb, "agent", {"machine_id": MACHINE, **serial})
    report(cmdb, "sweep", {"machine_id": MACHINE, **serial}, at=60)  # tells nothing new, so it makes no revision
    report(cmdb, "agent", {"machine_id": OTHER, **serial}, at=120)
    report(cmdb, "sweep", {"machine_id": digest("a third")[:32], **serial}, at=180)
    head = cmdb.head()
    assert len(cmdb.found("class:Host")) == 2

    again = report(cmdb, "sweep", {"machine_id": MACHINE, **serial}, at=60)

    assert again["superseded"] == ["os"]
    assert cmdb.head() == head


def test_a_conflict_is_one_however_often_it_shows(cmdb: Receiver) -> None:
    report(cmdb, "one", {"machine_id": MACHINE, "dmi_uuid": DMI, "agent_key": "a"})
    for at in (60, 120, 180):
        report(cmdb, "two", {"machine_id": OTHER, "dmi_uuid": DMI, "agent_key": "b"}, at=at)

    with cmdb.view() as view:
        assert len(view.entries("conflict")) == 1
        assert len(view.entries("shared_identifier")) == 1
    assert cmdb.head() == 2


class Counted:
    """A transaction that notes which questions are put to it."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        self.asked.append(name)
        return getattr(self._tx, name)


def test_a_host_that_is_as_it_was_costs_three_questions(cmdb: Receiver) -> None:
    marks = {"machine_id": MACHINE, "agent_key": "a", "macs": ["52:54:00:00:00:01"], "ssh_host_keys": KEYS}
    report(cmdb, "one", marks)

    with cmdb.store.transaction() as tx:
        counted: Any = Counted(tx)
        found = identify(counted, "Host", marks, "one", "default", START + 60_000_000, 3600, 60)

    assert (found.id, found.judged) == (cmdb.one("class:Host").id, False)
    assert counted.asked == ["identified", "entries", "scopes_of"]


def test_the_parts_of_a_quarantined_subject_do_not_land(cmdb: Receiver) -> None:
    cmdb.take(Reporter("x", marks={"fqdn": "x.example.com"}).batch(system("x"), packages("a")))

    assert cmdb.found("") == []
