"""Ids are minted, states sealed and revisions chained at the end of a batch."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cmdb.commit import act, entry_revision, link_id, scope_of
from cmdb.draft import Draft
from cmdb.model.batch import Header
from cmdb.model.classes.subnet import Subnet
from cmdb.model.identity import mint
from cmdb.reconcile import entry_content, item_content, link_content, revision_digest, seal
from cmdb.states import Entry, Link, Scope
from tests.cmdb.building import (
    GENESIS,
    START,
    Receiver,
    Reporter,
    accounts,
    collected,
    failed,
    network,
    packages,
    receiver,
    software,
    system,
)

HEADER = Header("b", "agent:1", "agent", 9, 5, "Host", {})


def standing(section: Any, before: Scope | None = None) -> Scope:
    return scope_of(section, HEADER, "S", 100, 200, before)


class TestScopes:
    def test_a_collected_section_stands_for_what_it_says(self) -> None:
        section = packages("a")

        found = standing(section)

        assert (found.number, found.digest, found.classes) == (0, section.digest, ["SoftwarePackage"])
        assert (found.observed_at, found.seen_at, found.collected_at, found.sequence) == (100, 200, 100, 9)
        assert found.ever_full

    def test_one_that_failed_keeps_what_was_last_accepted(self) -> None:
        before = standing(packages("a"))
        before.number, before.collected_at = 7, 50
        blind = failed(packages("b"))
        blind.classes = []

        found = standing(blind, before)

        assert (found.number, found.digest, found.collected_at) == (7, before.digest, 50)
        assert (found.outcome, found.reason, found.classes) == ("failed", "timed out", ["SoftwarePackage"])
        assert found.ever_full

    def test_one_that_never_was_collected_stands_for_nothing(self) -> None:
        found = standing(failed(packages()))

        assert (found.digest, found.collected_at, found.ever_full) == ("", None, False)

    def test_that_it_once_saw_everything_is_not_forgotten(self) -> None:
        narrow = standing(accounts("a", privilege="user"))
        assert not narrow.ever_full

        wide = standing(accounts("a"), narrow)
        assert standing(accounts("a", privilege="user"), wide).ever_full

    def test_a_collected_section_has_the_scope_that_it_says(self) -> None:
        before = standing(network("10.0.0.1"))

        assert standing(collected("network", []), before).classes == []


def test_ids_are_minted_in_the_canonical_order_the_subject_first(cmdb: Receiver) -> None:
    said = [software("nginx:80"), system("web"), packages("b", "a"), network("10.0.0.1")]
    receipt = cmdb.take(Reporter("web").batch(*said))

    minted = mint(GENESIS, 1, 7)
    items = sorted(cmdb.found(""), key=lambda i: (i.class_name != "Host", i.class_name, i.key))
    assert [i.id for i in items] == minted
    assert receipt["ci"] == minted[0]


def test_later_parts_do_not_take_the_subjects_place(cmdb: Receiver) -> None:
    web = Reporter("web")
    cmdb.take(web.batch(system("web")))
    cmdb.take(web.batch(packages("a")))

    assert cmdb.one("class:SoftwarePackage").id == mint(GENESIS, 2, 2)[1]


def test_every_state_is_sealed_with_a_salt_of_its_own(cmdb: Receiver) -> None:
    web = Reporter("web")
    cmdb.take(web.batch(system("web"), packages("a", "b"), software("nginx:80")))
    cmdb.take(web.batch(system("web"), packages("a", "b", version="2")))

    with cmdb.view() as view:
        states = [s for i in view.scan() for s in view.history(i.id)]
        links = list(view.scan_links())
    salts = [s.salt for s in states] + [k.salt for k in links]
    assert len(set(salts)) == len(salts)
    assert {len(s) for s in salts} == {16}
    assert all(s.digest == seal(s.salt, item_content(s)) for s in states)
    assert all(k.digest == seal(k.salt, link_content(k)) for k in links)


def test_a_revision_is_chained_over_its_changes(cmdb: Receiver) -> None:
    web = Reporter("web")
    cmdb.take(web.batch(system("web"), packages("a")))
    cmdb.take(web.batch(packages("b")))

    with cmdb.view() as view:
        first, second = view.revisions()
        new = next(i for i in view.scan(["SoftwarePackage"]))
        (gone,) = [s for k, op, i in view.changed(1, 2) if op == "retired" for s in view.history(i)]
    rows = [("created", "ci", new.id, None, new.digest.hex()), ("retired", "ci", gone.id, gone.digest.hex(), None)]
    assert (first.previous, second.previous, second.changes) == ("", first.digest, 2)
    evidence = [("ci", new.id, new.not_before, ""), ("ci", gone.id, gone.ended_not_before, gone.witness or "")]
    assert second.digest == revision_digest(second, rows, evidence)
    assert (second.kind, second.source, second.actor, second.cause) == ("ingest", "agent:web", "test", "discovery")
    assert second.batch_digest is not None
    assert len(second.batch_digest) == 64


def test_the_order_in_which_a_draft_has_its_states_is_without_effect() -> None:
    """It may be that in which a store told them, and stores tell by id in any order."""
    heads = []
    for turn in (1, -1):
        with receiver() as cmdb:
            cmdb.take(Reporter("web").batch(system("web"), packages("a", "b"), software("nginx:80", "sshd:22")))
            with cmdb.store.transaction() as tx:
                draft = Draft(tx)
                for item in list(tx.scan(["SoftwarePackage"]))[::turn]:
                    draft.updated[item.id] = (item, replace(item, attributes={**item.attributes, "versions": ["2"]}))
                for link in list(tx.scan_links())[::turn]:
                    draft.links_updated[link.key] = (link, replace(link, attributes={"said": "again"}))
                draft.entries += [Entry("a", key, {}, 0, b"", b"") for key in "xyz"[::turn]]
                act(draft, "edit", "ann", "why", lambda: START, cmdb.random)
            with cmdb.view() as view:
                heads.append(view.head())
            cmdb.sound()

    assert heads[0] == heads[1]


class TestEntries:
    def put(self, cmdb: Receiver, *entries: Entry, now: int = START) -> int:
        with cmdb.store.transaction() as tx:
            return entry_revision(tx, "approval", list(entries), "ann", "reviewed", lambda: now, cmdb.random).number

    def test_an_entry_is_a_revision_of_its_own_kind(self, cmdb: Receiver) -> None:
        number = self.put(cmdb, Entry("baseline", "gold", {"n": 1}, 0, b"", b""))

        with cmdb.view() as view:
            revision, entry = view.revision(number), view.entry("baseline", "gold")
        assert revision is not None
        assert entry is not None
        assert (revision.kind, revision.source, revision.actor, revision.cause) == (
            "approval",
            "people",
            "ann",
            "reviewed",
        )
        assert entry.since == number
        assert entry.digest == seal(entry.salt, entry_content(entry))

    def test_one_put_again_supersedes_the_one_before(self, cmdb: Receiver) -> None:
        for value in (1, 2):
            self.put(cmdb, Entry("baseline", "gold", {"n": value}, 0, b"", b""), Entry("other", "x", {}, 0, b"", b""))

        with cmdb.view() as view:
            states = view.entry_history("baseline", "gold")
            assert view.changed(1, 2) == [("entry", "updated", "baseline gold"), ("entry", "updated", "other x")]
        assert [(s.value, s.since, s.until) for s in states] == [({"n": 1}, 1, 2), ({"n": 2}, 2, None)]

    def test_their_times_grow_though_the_clock_does_not(self, cmdb: Receiver) -> None:
        for now in (START, START - 5):
            self.put(cmdb, Entry("a", "b", {"n": now}, 0, b"", b""), now=now)

        with cmdb.view() as view:
            assert [r.committed_at for r in view.revisions()] == [START, START + 1]


def test_a_relation_is_named_by_its_ends_and_type() -> None:
    assert link_id(Link("EXPOSES", "A", "B", {}, b"", b"", 1)) == "A EXPOSES B"


def test_a_subject_and_its_items_of_one_class_keep_their_claims_apart(cmdb: Receiver) -> None:
    subject = "10.0.0.0/8"
    said = collected("nets", ["Subnet"], [Subnet(prefix="10.1.0.0/16", version=4)])
    people = Reporter("x", source="people", route="import", marks={"key": subject})
    cmdb.take(people.batch(said, subject_class="Subnet"))

    with cmdb.view() as view:
        claims = {i.key: [c.identifiers for c in view.claims([i.id])] for i in view.scan(["Subnet"])}
    assert claims == {subject: [[f"Subnet {subject}"]], "default/10.1.0.0/16": [[]]}
