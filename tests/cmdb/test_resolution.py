"""A proposal does what it says, and the same matter does not open again."""

from __future__ import annotations

from typing import Any

import pytest

from cmdb import conflicts
from cmdb.model.errors import ConflictError, NotFoundError, UsageError
from cmdb.model.times import SECOND, iso
from cmdb.model.values import digest
from cmdb.resolution import resolve
from tests.cmdb.building import START, Receiver, Reporter, packages, system

DMI = "4c4c4544-0051-3610-8052-b4c04f4a4e31"


def done(cmdb: Receiver, number: int, proposal: str) -> dict[str, Any]:
    return resolve(cmdb.store, str(number), proposal, "ann", "looked", lambda: START + cmdb.now * SECOND, cmdb.random)


def opened(cmdb: Receiver) -> list[dict[str, Any]]:
    with cmdb.view() as view:
        return list(conflicts.registered(view, limit=1_000)["items"])


def twins(cmdb: Receiver) -> list[Reporter]:
    """Two machines of one image, and the conflict about them."""
    found = [
        Reporter(name, marks={"machine_id": digest(name)[:32], "agent_key": name, "dmi_uuid": DMI})
        for name in ("one", "two")
    ]
    for reporter in found:
        cmdb.take(reporter.batch(system(reporter.host)))
    assert [c["kind"] for c in opened(cmdb)] == ["shared"]
    return found


def again(cmdb: Receiver, reporters: list[Reporter], at: int) -> set[str]:
    """The ids that they land on; nothing is in conflict or quarantine."""
    cmdb.now = at
    receipts = [cmdb.take(r.batch(system(r.host), at=at)) for r in reporters]
    assert [(r["conflicts"], r["quarantined"]) for r in receipts] == [([], [])] * len(receipts)
    return {str(r["ci"]) for r in receipts}


def test_kept_apart_they_stay_two_and_are_not_asked_about_again(cmdb: Receiver) -> None:
    reporters = twins(cmdb)
    found = done(cmdb, 1, "keep-apart")

    assert found["state"] == "resolved"
    assert found["resolution"] == {"as": "keep-apart", "actor": "ann", "reason": "looked", "at": iso(START)}
    for at in (60, 9000):
        assert len(again(cmdb, reporters, at)) == 2
    assert opened(cmdb) == []


def test_the_same_machine_becomes_one_ci_and_the_shared_identifier_is_its_own_again(cmdb: Receiver) -> None:
    reporters = twins(cmdb)
    done(cmdb, 1, "same")

    for at in (60, 9000):
        assert len(again(cmdb, reporters, at)) == 1
    with cmdb.view() as view:
        assert view.entries("shared_identifier") == []
    assert len(cmdb.found("class:Host")) == 1
    cmdb.sound()


def nobody(cmdb: Receiver) -> Reporter:
    cmdb.take(Reporter("web").batch(system("web")))
    found = Reporter("x", source="sweep", route="ssh", marks={"fqdn": "x.example.com"})
    assert cmdb.take(found.batch(system("x")))["quarantined"]
    return found


def test_a_quarantined_subject_is_assigned_to_a_ci(cmdb: Receiver) -> None:
    subject = nobody(cmdb)
    web = cmdb.one("class:Host").id
    done(cmdb, 1, f"assign:{web}")

    assert again(cmdb, [subject], 60) == {web}
    assert opened(cmdb) == []


def test_a_quarantined_subject_becomes_a_ci_of_its_own(cmdb: Receiver) -> None:
    subject = nobody(cmdb)
    done(cmdb, 1, "new")

    (first,) = again(cmdb, [subject], 60)
    assert again(cmdb, [subject], 120) == {first}
    assert len(cmdb.found("class:Host")) == 2


def test_an_ignored_subject_stays_out_and_is_not_asked_about_again(cmdb: Receiver) -> None:
    subject = nobody(cmdb)
    done(cmdb, 1, "ignore")

    assert cmdb.take(subject.batch(system("x"), packages("a")))["quarantined"]
    assert opened(cmdb) == []
    assert cmdb.names("class:Host") == ["web"]


def test_a_flood_that_is_resolved_is_told_of_again_if_it_goes_on(cmdb: Receiver) -> None:
    for n in range(conflicts.MOST_OPEN + 2):
        cmdb.take(Reporter("x", source="s", marks={"fqdn": f"x{n}.example.com"}, sequence=n).batch(system("x")))
    flood = next(c for c in opened(cmdb) if c["kind"] == "flood")
    done(cmdb, flood["number"], "ignore")
    cmdb.take(Reporter("x", source="s", marks={"fqdn": "later.example.com"}, sequence=999).batch(system("x")))

    (new,) = [c for c in opened(cmdb) if c["kind"] == "flood"]
    assert new["number"] > flood["number"]


def test_what_can_not_be_done_changes_nothing(cmdb: Receiver) -> None:
    twins(cmdb)
    head = cmdb.head()

    with pytest.raises(UsageError, match="it can as keep-apart"):
        done(cmdb, 1, "burn")
    with pytest.raises(UsageError, match="it can as"):
        done(cmdb, 1, "assign:" + "0" * 26)
    with pytest.raises(UsageError, match="alone"):
        done(cmdb, 1, "split")
    with pytest.raises(UsageError, match="--reason"):
        resolve(cmdb.store, "1", "ignore", "ann", "")
    with pytest.raises(NotFoundError):
        done(cmdb, 2, "ignore")
    assert cmdb.head() == head
    done(cmdb, 1, "ignore")
    with pytest.raises(ConflictError, match="resolved already, as ignore"):
        done(cmdb, 1, "same")


def test_nobody_is_assigned_to_what_is_not_there(cmdb: Receiver) -> None:
    nobody(cmdb)

    with pytest.raises(UsageError, match="is no Host"):
        done(cmdb, 1, "assign:" + "0" * 26)


def test_what_was_matched_by_the_shared_value_alone_becomes_a_ci_of_its_own(cmdb: Receiver) -> None:
    """A hypervisor knows a machine by its DMI UUID alone; then a clone proves that to be shared."""
    one, two = (
        Reporter(name, marks={"machine_id": digest(name)[:32], "agent_key": name, "dmi_uuid": DMI})
        for name in ("one", "two")
    )
    other = Reporter("one", source="hypervisor", route="ssh", marks={"dmi_uuid": DMI})
    cmdb.take(one.batch(system("one"), packages("curl")))
    assert cmdb.take(other.batch(system("one"), packages("vim")))["ci"] == cmdb.one("class:Host").id
    cmdb.take(two.batch(system("two")))
    assert [c["kind"] for c in opened(cmdb)] == ["shared"]

    done(cmdb, 1, "split")

    assert len(cmdb.found("class:Host")) == 3
    with cmdb.view() as view:
        parts = sorted(sorted(p.name for p in view.parts(h.id)) for h in cmdb.found("class:Host"))
    assert parts == [[], ["curl"], ["vim"]]
    assert opened(cmdb) == []
    cmdb.sound()


def test_two_sources_of_one_machine_that_differ_are_left_in_peace(cmdb: Receiver) -> None:
    """Resolved as the same, no batch of either source asks again."""
    marks = {"machine_id": digest("m")[:32], "agent_key": "a", "ssh_host_keys": ["SHA256:k"], "host_name": "web"}
    agent = Reporter("web", source="agent", marks=marks)
    sweep = Reporter("web", source="sweep", route="ssh", marks={"ssh_host_keys": ["SHA256:k"], "host_name": "web"})
    cmdb.take(agent.batch(system("web")))
    cmdb.take(sweep.batch(system("web")))
    agent.marks = {**marks, "ssh_host_keys": ["SHA256:new"]}
    cmdb.now = 60
    cmdb.take(agent.batch(system("web"), at=60))
    (conflict,) = opened(cmdb)
    assert conflict["kind"] == "contradiction"

    done(cmdb, conflict["number"], "same")

    for at in (120, 180, 9000):
        assert len(again(cmdb, [agent, sweep], at)) == 1
    assert opened(cmdb) == []
