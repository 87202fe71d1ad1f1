"""An agent's key tells of one host: of the one that was enrolled, and of no other machine that got hold of it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from cmdb import agent_binding, decisions
from cmdb.agent_binding import Agent
from cmdb.commit import entry_revision
from cmdb.model.batch import decode
from cmdb.model.errors import ForbiddenError, InvalidDocument
from cmdb.model.identity import compose
from cmdb.states import Entry
from cmdb.taking import Receipt, Sender
from tests.cmdb.building import START, Receiver, Reporter, accounts, failed, packages, system

KEY = "0123456789ab"
HOUR = 3600
_COUNT = itertools.count()


def uuid(number: int) -> str:
    return f"1b4e28ba-2fa1-11d2-883f-b9a761bde3{number:02d}"


def marks(number: int, **others: Any) -> dict[str, Any]:
    return {
        "machine_id": f"{number:032x}",
        "dmi_uuid": uuid(number),
        "macs": [f"02:00:00:00:01:{number:02x}"],
        **others,
    }


def register(cmdb: Receiver, key: str = KEY, known: dict[str, Any] | None = None, **value: Any) -> None:
    identifiers = sorted({i for rank in compose("Host", known or {}) for i in rank})
    whole = {"state": "active", "ci": None, "identifiers": identifiers, **value}
    with cmdb.store.transaction() as tx:
        entry = Entry("agent", key, whole, 0, b"", b"")
        entry_revision(tx, "agent", [entry], "test", "enrolled", lambda: START, cmdb.random)


def sender(key: str = KEY, **most: int) -> Sender:
    return Sender(f"agent:{key}", f"agent:{key}", "agent", agent=Agent(key, **most))


def host(number: int = 1, **others: Any) -> Reporter:
    return Reporter(f"h{number}", f"h{number} says so {next(_COUNT)}", "manual", marks=marks(number, **others))


def ci_of(cmdb: Receiver, key: str = KEY) -> str | None:
    with cmdb.store.view() as view:
        entry = view.entry("agent", key)
    assert entry is not None
    return None if entry.value["ci"] is None else str(entry.value["ci"])


def refused(receipt: Receipt) -> str:
    """Why a batch did not land, which it did nowhere then."""
    assert receipt["ci"] is None if "ci" in receipt else True
    assert (receipt["created"], receipt["updated"], receipt["retired"]) == (0, 0, 0)
    (only,) = receipt["quarantined"]
    return str(only["reason"])


def test_a_key_is_bound_to_the_first_host_that_it_tells_of_in_the_same_revision(cmdb: Receiver) -> None:
    register(cmdb, known=marks(1))

    receipt = cmdb.take(host().batch(system("h1")), sender())

    assert ci_of(cmdb) == receipt["ci"] == cmdb.one("class:Host").id
    assert receipt["source"] == f"agent:{KEY}"
    with cmdb.store.view() as view:
        assert [e.since for e in view.entry_history("agent", KEY)][1:] == [receipt["revision"]]
        assert agent_binding.holder(view, receipt["ci"]) == KEY


def test_a_source_that_names_a_target_does_not_make_another_source(cmdb: Receiver) -> None:
    register(cmdb)

    receipt = cmdb.take(Reporter("h1", "x@10.0.0.1", marks=marks(1)).batch(system("h1")), sender())

    assert receipt["source"] == f"agent:{KEY}"


def test_a_key_reports_for_no_other_host_than_it_was_given_to(cmdb: Receiver) -> None:
    register(cmdb, known=marks(1))

    assert "other marks" in refused(cmdb.take(host(2).batch(system("h2")), sender()))
    assert ci_of(cmdb) is None


def test_a_key_does_not_take_over_the_host_of_another_one(cmdb: Receiver) -> None:
    register(cmdb)
    register(cmdb, "b" * 12)
    cmdb.take(host().batch(system("h1"), packages("a")), sender())

    stolen = cmdb.take(host().batch(system("stolen")), sender("b" * 12))

    assert KEY in refused(stolen)
    assert cmdb.names("class:Host") == ["h1"]


@pytest.mark.parametrize(
    ("what", "after"), [("dmi_uuid", 0), ("dmi_uuid", 3 * HOUR), ("machine_id", 3 * HOUR), ("macs", 60), ("new", 60)]
)
def test_two_machines_with_one_key_are_a_conflict_and_nothing_is_overwritten(
    cmdb: Receiver, what: str, after: int
) -> None:
    register(cmdb, known=marks(1))
    one = host()
    cmdb.take(one.batch(system("h1"), packages("a")), sender())
    two = host(2) if what == "new" else Reporter("h2", marks={**marks(1), what: marks(2)[what]}, sequence=5)
    cmdb.now = after

    reason = refused(cmdb.take(two.batch(system("h2"), accounts("eve"), at=after), sender()))
    again = cmdb.take(one.batch(system("h1"), packages("b"), at=after + 1), sender())

    assert "key" in reason
    assert again["revision"] is not None
    assert cmdb.names("class:Host") == ["h1"]
    assert cmdb.names("class:LocalAccount") == []
    with cmdb.store.view() as view:
        (conflict,) = view.entries("conflict")
    assert conflict.value["cis"] == [again["ci"]]
    cmdb.take(two.batch(system("h2"), at=after + 2), sender())
    with cmdb.store.view() as view:
        assert len(view.entries("conflict")) == 1


def test_a_clone_is_found_though_it_counts_its_batches_anew(cmdb: Receiver) -> None:
    register(cmdb)
    one = host()
    for at in range(3):
        cmdb.take(one.batch(system("h1"), at=at), sender())
    clone = Reporter("h2", marks={**marks(1), "dmi_uuid": uuid(2)})

    assert "two machines" in refused(cmdb.take(clone.batch(system("h2"), at=5), sender()))


def test_a_late_report_of_the_time_before_a_change_is_no_second_machine(cmdb: Receiver) -> None:
    register(cmdb)
    one = host()
    cmdb.take(one.batch(system("h1")), sender())
    late = one.batch(packages("a"), at=1)
    cmdb.now = 3 * HOUR
    one.marks = {**marks(1), "macs": ["02:00:00:00:09:09"]}
    cmdb.take(one.batch(system("h1"), at=3 * HOUR), sender())

    receipt = cmdb.take(late, sender())

    assert receipt["quarantined"] == []


def test_a_machine_that_got_other_interfaces_is_taken_once_the_known_one_is_silent(cmdb: Receiver) -> None:
    register(cmdb)
    one = host()
    first = cmdb.take(one.batch(system("h1")), sender())
    one.marks = {**marks(1), "macs": ["02:00:00:00:09:09"]}

    cmdb.now = 60
    assert "two machines" in refused(cmdb.take(one.batch(system("h1"), at=60), sender()))
    cmdb.now = 2 * HOUR
    assert cmdb.take(one.batch(system("h1"), at=2 * HOUR), sender())["ci"] == first["ci"]


def test_people_may_decide_that_it_is_the_same_machine(cmdb: Receiver) -> None:
    register(cmdb)
    one = host()
    first = cmdb.take(one.batch(system("h1")), sender())
    board = Reporter("h1", marks={**marks(1), "dmi_uuid": uuid(2)}, sequence=1)
    data = board.batch(system("h1"), packages("a"))
    assert "two machines" in refused(cmdb.take(data, sender()))
    header = replace(decode(data).header, source=f"agent:{KEY}")
    with cmdb.store.transaction() as tx:
        decided = Entry(
            decisions.KIND, decisions.fingerprint_of(header), {"as": "assign", "ci": first["ci"]}, 0, b"", b""
        )
        entry_revision(tx, "resolve", [decided], "ann", "a new board", lambda: START, cmdb.random)

    again = cmdb.take(board.batch(system("h1"), packages("a"), at=1), sender())
    later = cmdb.take(board.batch(system("h1"), packages("b"), at=2), sender())

    assert (again["ci"], later["ci"], later["quarantined"]) == (first["ci"], first["ci"], [])


def test_an_agent_tells_of_hosts_only_and_a_revoked_one_of_nothing(cmdb: Receiver) -> None:
    register(cmdb)
    with pytest.raises(InvalidDocument, match="its own host"):
        cmdb.take(host().batch(subject_class="NetworkDevice"), sender())
    register(cmdb, state="revoked")
    with pytest.raises(ForbiddenError, match="revoked"):
        cmdb.take(host().batch(system("h1")), sender())
    assert cmdb.names("class:Host") == []


def test_a_key_has_so_many_sections_over_all_of_its_batches(cmdb: Receiver) -> None:
    register(cmdb)
    one = host()
    cmdb.take(one.batch(system("h1"), packages()), sender(most_sections=4))

    with pytest.raises(InvalidDocument, match="5 sections in all; this agent may tell 4"):
        cmdb.take(one.batch(packages(section="more"), failed(packages(section="others"))), sender(most_sections=4))
    assert {section for section, _ in cmdb.scopes("h1")} == {"os", "packages", "subject"}
    cmdb.take(one.batch(system("h1"), packages(section="more")), sender(most_sections=4))


def test_quotas_bound_what_a_key_may_tell_over_all_of_its_sections(cmdb: Receiver) -> None:
    register(cmdb)
    one = host()
    cmdb.take(one.batch(system("h1"), packages("a", "b")), sender(most_items=4))

    with pytest.raises(InvalidDocument, match="5 items in all; this agent may tell 4"):
        cmdb.take(one.batch(accounts("c", "d")), sender(most_items=4))
    cmdb.take(one.batch(packages("a")), sender(most_items=4))
    cmdb.take(one.batch(accounts("c", "d")), sender(most_items=4))
    many = host(1, macs=[f"02:00:00:00:02:{n:02x}" for n in range(50)])
    with pytest.raises(InvalidDocument, match="identifiers; an agent may bring 20"):
        cmdb.take(many.batch(system("h1")), sender(most_identifiers=20))
    assert len(cmdb.names("class:LocalAccount")) == 2


def test_a_host_that_was_retired_or_is_gone_leaves_the_key_free(cmdb: Receiver) -> None:
    register(cmdb, ci="0" * 26)

    receipt = cmdb.take(host().batch(system("h1")), sender())

    assert ci_of(cmdb) == receipt["ci"]


def test_what_an_agent_said_is_forgotten_for_the_agents_of_one_host(cmdb: Receiver) -> None:
    register(cmdb)
    register(cmdb, "b" * 12)
    ids = [cmdb.take(host(n).batch(system(f"h{n}")), sender(k))["ci"] for n, k in ((1, KEY), (2, "b" * 12))]
    with cmdb.store.transaction() as tx:
        for key in (KEY, "b" * 12):
            tx.put_unversioned(agent_binding.SAID, key, {"packed": ""})
        agent_binding.forget_said(tx, ids[0])
    with cmdb.store.view() as view:
        left: Iterable[Any] = [view.unversioned(agent_binding.SAID, key) for key in (KEY, "b" * 12)]
    assert left == [None, {"packed": ""}]
