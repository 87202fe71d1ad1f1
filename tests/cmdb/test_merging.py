"""Two CIs that are one: nothing of either is lost, old ids lead on, and all sources land on the survivor."""

from __future__ import annotations

from typing import Any

import pytest

from cmdb import aliases, by_hand
from cmdb.commit import act, entry_revision
from cmdb.draft import Draft
from cmdb.merging import MAX_REASON, absorb, merge, said
from cmdb.model.errors import ConflictError, NotFoundError, UsageError
from cmdb.model.times import SECOND
from cmdb.model.values import digest
from cmdb.query import history, neighbours, show
from cmdb.states import Entry
from cmdb.taking import Sender
from tests.cmdb.building import START, Receiver, Reporter, depends, network, outcomes, packages, raw, software, system
from tests.cmdb.test_splitting import joined, parted, two

DMI = "4c4c4544-0051-3610-8052-b4c04f4a4e31"


def test_parts_of_both_are_there_and_equal_ones_are_folded(cmdb: Receiver) -> None:
    _, _, one, other = two(cmdb)
    done = joined(cmdb, one, other)

    assert (done["ci"], done["merged"]) == (one, other)
    assert cmdb.names("class:SoftwarePackage") == ["curl", "vim", "zsh"]
    host = cmdb.one("class:Host")
    assert host.id == one
    assert host.attributes == {"name": "web", "os": "debian", "cpu_count": 4}
    assert host.identifiers == ["agent a/1111111111111111111111111111111a", "key+name SHA256:k/web"]
    cmdb.sound()


def test_old_ids_of_the_whole_and_of_its_parts_lead_to_what_they_became(cmdb: Receiver) -> None:
    _, _, one, other = two(cmdb)
    with cmdb.view() as view:
        vims = {i.parent: i.id for i in cmdb.found("class:SoftwarePackage name:vim")}
        zsh = next(p for p in view.parts(other) if p.name == "zsh")
    before = cmdb.head()
    joined(cmdb, one, other)

    with cmdb.view() as view:
        assert show(view, other)["id"] == one
        assert show(view, vims[other])["id"] == vims[one]
        assert show(view, zsh.id)["parent"] == one
        assert show(view, other, before)["id"] == other
        assert show(view, vims[other], before)["parent"] == other
        assert {n["ci"]["name"] for n in neighbours(view, other)["items"]} == {"curl", "vim", "zsh"}
    assert [i.id for i in cmdb.found(f"id:{one}")] == [one]


def test_history_of_the_survivor_names_the_merge_and_both_pasts_stay(cmdb: Receiver) -> None:
    _, _, one, other = two(cmdb)
    with cmdb.view() as view:
        past = history(view, other, 2)["items"]
    joined(cmdb, one, other)
    parted(cmdb, other)

    with cmdb.view() as view:
        assert history(view, other, 2)["items"] == past
        rows = history(view, one)["items"]
        assert history(view, other, 3)["items"] == history(view, one, 3)["items"]
    merged, split = (next(r for r in rows if r["kind"] == kind) for kind in ("merged", "split"))
    assert (merged["revision"], merged["witness"], merged["cause"], merged["actor"]) == (3, other, "one machine", "ann")
    assert (split["revision"], split["witness"], split["cause"]) == (4, other, "two machines")


def test_every_source_lands_on_the_survivor_and_what_it_told_before_makes_no_revision(cmdb: Receiver) -> None:
    agent, sweep, one, other = two(cmdb)
    joined(cmdb, one, other)
    before = cmdb.head()

    for reporter, sections in (
        (agent, (system("web", os="debian"), packages("curl", "vim"))),
        (sweep, (system("web", cpu_count=4), packages("vim", "zsh"))),
    ):
        for at in (60, 86_400):
            cmdb.now = at
            receipt = cmdb.take(reporter.batch(*sections, at=at))
            assert (receipt["ci"], receipt["conflicts"], receipt["quarantined"]) == (one, [], [])
            assert set(outcomes(receipt).values()) == {"unchanged"}
    assert cmdb.head() == before


def test_two_that_contradict_each_other_stay_one_once_people_said_so(cmdb: Receiver) -> None:
    """A clone's conflict that turns out to be one machine: no batch of either opens it again."""
    reporters = [
        Reporter(name, marks={"machine_id": digest(name)[:32], "agent_key": name, "dmi_uuid": DMI})
        for name in ("old", "new")
    ]
    ids = [str(cmdb.take(r.batch(system(r.host)))["ci"]) for r in reporters]
    assert len(set(ids)) == 2
    joined(cmdb, *ids)

    with cmdb.view() as view:
        (conflict,) = view.entries("conflict")
        assert conflict.value["state"] == "resolved"
        assert conflict.value["resolution"]["as"] == "merge"
        assert view.entries("shared_identifier") == []
    for at in (60, 120, 90_000):
        cmdb.now = at
        for reporter in reporters:
            receipt = cmdb.take(reporter.batch(system(reporter.host), at=at))
            assert (receipt["ci"], receipt["conflicts"]) == (ids[0], [])
    clone = Reporter("third", marks={"machine_id": digest("third")[:32], "agent_key": "third", "dmi_uuid": DMI})
    assert cmdb.take(clone.batch(system("third"), at=90_000))["ci"] not in ids
    cmdb.sound()


def test_where_one_source_told_the_same_of_both_the_newer_stands(cmdb: Receiver) -> None:
    """A host that was installed anew: the same agent, other marks."""
    old = Reporter("web", source="agent", marks={"agent_key": "a", "machine_id": "1" * 31 + "a"})
    new = Reporter("web", source="agent", sequence=9, marks={"agent_key": "b", "machine_id": "2" * 31 + "b"})
    one = str(cmdb.take(old.batch(system("web", os="debian 11"), packages("curl", "vim"), network("10.0.0.1")))["ci"])
    cmdb.now = 7200
    other = str(cmdb.take(new.batch(system("web", os="debian 12"), packages("vim", "zsh"), at=7200))["ci"])
    apart = cmdb.natural()
    joined(cmdb, one, other)

    assert cmdb.one("class:Host").attributes["os"] == "debian 12"
    assert cmdb.names("class:SoftwarePackage") == ["vim", "zsh"]
    assert cmdb.names("class:NetworkInterface") == ["eth0"]
    receipt = cmdb.take(new.batch(system("web", os="debian 12"), packages("vim", "zsh"), at=7200))
    assert (receipt["ci"], receipt["revision"]) == (one, None)
    parted(cmdb, other)
    assert cmdb.natural() == apart
    cmdb.sound()


def test_a_source_that_went_over_may_tell_its_header_with_other_rights(cmdb: Receiver) -> None:
    """Of what a subject is known by no coverage is kept, before a merge and after it."""
    _, sweep, one, other = two(cmdb)
    joined(cmdb, one, other)
    sweep.privilege, sweep.marks = "user", {**sweep.marks, "dmi_uuid": DMI}

    assert cmdb.take(sweep.batch(system("web", cpu_count=4)))["ci"] == one

    with cmdb.view() as view:
        assert {c.section for c in view.coverage([one])} == {"os", "packages"}
    cmdb.sound()


def test_one_line_for_all_sections_stands_for_the_survivors_only_once_it_has_them(cmdb: Receiver) -> None:
    _, sweep, one, other = two(cmdb)
    joined(cmdb, one, other)
    sections = (system("web", cpu_count=4), packages("vim", "zsh"))

    with pytest.raises(UsageError, match="send the lines"):
        cmdb.take(sweep.batch(*sections, same=True))
    cmdb.take(sweep.batch(*sections))
    assert cmdb.take(sweep.batch(*sections, same=True))["ci"] == one


def test_relations_and_references_to_either_lead_to_the_survivor(cmdb: Receiver) -> None:
    _, sweep, one, other = two(cmdb)
    cmdb.take(sweep.batch(system("web"), network("10.0.0.7"), software("pg:5432")))
    cmdb.take(Reporter("db").batch(system("db"), depends(("10.0.0.7", 5432))))
    record = Reporter("db", source="people", route="manual")
    row = {"type": "DEPENDS_ON", "subject": {"id": cmdb.one("class:Host name:db").id}, "object": {"id": other}}
    told = raw("own", {"items": [], "relations": [row]}, types=["DEPENDS_ON"])
    cmdb.take(record.batch(told), Sender("me", route="manual"))
    joined(cmdb, one, other)

    assert cmdb.links("DEPENDS_ON") == {
        ("db", "DEPENDS_ON", "web"),
        ("db", "DEPENDS_ON", "web/tcp 0.0.0.0:5432"),
    }
    before = cmdb.head()
    again = raw("own", {"items": [], "relations": [row, {**row, "type": "TALKS_TO"}][:1]}, types=["DEPENDS_ON"])
    again.version = 2
    assert outcomes(cmdb.take(record.batch(again), Sender("me", route="manual"))) == {"own": "collected"}
    assert cmdb.head() == before
    cmdb.sound()


def test_a_relation_between_the_two_comes_back_with_the_split(cmdb: Receiver) -> None:
    _, _, one, other = two(cmdb)
    record = Reporter("web", source="people", route="manual", marks={"agent_key": "a", "machine_id": "1" * 31 + "a"})
    row = {"type": "DEPENDS_ON", "subject": {"id": one}, "object": {"id": other}}
    body = {"items": [], "relations": [row]}
    cmdb.take(record.batch(raw("own", body, types=["DEPENDS_ON"])), Sender("me", route="manual"))
    apart = cmdb.natural()
    joined(cmdb, one, other)
    assert cmdb.links("DEPENDS_ON") == set()

    parted(cmdb, other)

    assert cmdb.natural() == apart


def test_what_can_not_be_merged_is_told_why(cmdb: Receiver) -> None:
    _, _, one, other = two(cmdb)
    part = cmdb.one("class:SoftwarePackage name:curl").id

    with pytest.raises(NotFoundError):
        joined(cmdb, one, "0" * 26)
    with pytest.raises(UsageError, match="which its key tells apart"):
        joined(cmdb, one, part)
    with pytest.raises(UsageError, match="--reason"):
        merge(cmdb.store, one, other, "ann", "")
    joined(cmdb, one, other)
    with pytest.raises(ConflictError, match="one already"):
        joined(cmdb, one, other)


def test_what_is_known_by_reference_goes_over_within_the_batch_that_finds_it(cmdb: Receiver) -> None:
    _, _, one, other = two(cmdb)
    db = cmdb.take(Reporter("db").batch(system("db")))["ci"]
    record = Reporter("db", source="people", route="manual")
    row = {"type": "DEPENDS_ON", "subject": {"id": db}, "object": {"id": other}}
    body: dict[str, Any] = {"items": [], "relations": [row]}
    cmdb.take(record.batch(raw("own", body, types=["DEPENDS_ON"])), Sender("me", route="manual"))

    with cmdb.store.transaction() as tx:
        draft = Draft(tx)
        here = tx.items([one, other])
        absorb(draft, here[one], here[other])
        act(draft, "ingest", "agent", "discovery", lambda: START + 99 * SECOND, cmdb.random)

    assert cmdb.links("DEPENDS_ON") == {("db", "DEPENDS_ON", "web")}
    with cmdb.view() as view:
        assert aliases.resolve(view, other) == one
    assert cmdb.one("class:Host name:web").attributes == {"name": "web", "os": "debian"}
    cmdb.sound()


def test_what_is_seen_by_one_source_is_not_stale_because_the_other_was(cmdb: Receiver) -> None:
    _, _, one, other = two(cmdb)
    with cmdb.store.transaction() as tx:
        entry = Entry("stale", one, {"last_seen": "2026-01-01T00:00:00Z"}, 0, b"", b"")
        entry_revision(tx, "freshness", [entry], "job", "test", lambda: START, cmdb.random)
    joined(cmdb, one, other)

    with cmdb.view() as view:
        assert show(view, one)["state"] == "current"


def test_what_is_done_by_hand_to_an_old_id_is_done_to_the_survivor(cmdb: Receiver) -> None:
    _, _, one, other = two(cmdb)
    joined(cmdb, one, other)

    with cmdb.store.transaction() as tx:
        done = by_hand.retire(tx, other, "ann", "scrapped", lambda: START + 99 * SECOND, cmdb.random)
        assert done["id"] == one
        assert by_hand.restore(tx, other, "ann", "not so", lambda: START + 100 * SECOND, cmdb.random)["id"] == one
    assert cmdb.names("class:SoftwarePackage") == ["curl", "vim", "zsh"]
    parted(cmdb, other)
    cmdb.sound()


def test_a_reason_is_kept_whole_or_refused() -> None:
    assert said(f" {'x' * MAX_REASON} ") == "x" * MAX_REASON
    with pytest.raises(UsageError, match="2001 characters; history keeps at most 2000"):
        said("x" * (MAX_REASON + 1))
    with pytest.raises(UsageError, match="Say why"):
        said(" ")
