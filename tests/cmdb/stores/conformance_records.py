"""Promises about what stands beside the states: identifiers, scopes, claims, coverage, readings, entries, documents."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cmdb.model.errors import StoreError
from cmdb.ports import Store
from cmdb.states import Claim, Commit
from tests.cmdb.stores.building import (
    WITNESS,
    address,
    changed,
    coverage,
    ended,
    entry,
    host,
    id_of,
    link,
    package,
    part,
    pending,
    revise,
    revise_in,
    scope,
    write,
)


class Records:
    """Needs the fixture `store`, an empty store."""

    # -- identifiers --------------------------------------------------------------------------------

    def test_identifiers_find_current_and_retired_items(self, store: Store) -> None:
        long = "machine+key " + "\u20ac" * 900
        web, db = host("web01", "mac a", "mac shared", long), host("db01", "mac b", "mac shared", long + "x")
        revise(store, created=[web, db])
        revise(store, retired=[db])

        with store.transaction() as tx:
            assert tx.identified(["mac a", "mac b", "mac none", "mac shared", "MAC A", long]) == {
                "mac a": [web.id],
                "mac b": [db.id],
                "mac shared": sorted([web.id, db.id]),
                long: [web.id],
            }
            assert tx.identified([]) == {}

    def test_retired_parts_are_found_by_their_key(self, store: Store) -> None:
        web = host()
        nginx, curl, vim = (package(web, n) for n in ("nginx", "curl", "vim"))
        revise(store, created=[web, nginx, curl, vim])
        revise(store, retired=[nginx, curl])
        again = replace(changed(nginx, held=True), born=1)
        revise(store, created=[again])
        revise(store, retired=[again])

        with store.transaction() as tx:
            asked = [(i.class_name, i.key) for i in (nginx, curl, vim)]
            assert tx.retired_parts(web.id, asked) == {
                asked[0]: ended(again, 4, WITNESS),
                asked[1]: ended(curl, 2, WITNESS),
            }
            assert tx.retired_parts(web.id, [("FileSystem", curl.key)]) == {}
            assert tx.retired_parts(web.id, []) == tx.retired_parts(id_of("other"), asked) == {}

    # -- claims ------------------------------------------------------------------------------------

    def test_claims_are_kept_by_target_and_scope(self, store: Store) -> None:
        web, db = host("web01"), host("db01")
        uses = link(web, "DEPENDS_ON", db)
        revise(store, created=[web, db], links=[uses])
        said: list[Claim] = [
            Claim(2, web.id, {"os": "debian", "gateways": []}, ["mac a"]),
            Claim(1, web.id, {"os": "rhel", "cpu_count": 2}),
            Claim(1, uses.key, {"why": "dns"}),
            Claim(2, uses.key, {}),
            Claim(1, db.id, {}),
        ]
        write(store, claims=said)

        ordered = sorted(said, key=lambda c: (not isinstance(c.target, str), c.target, c.scope))
        with store.view() as view:
            assert view.claims([web.id, db.id, uses.key]) == ordered
            assert view.claims([uses.key]) == [c for c in ordered if c.target == uses.key]
            assert view.claims([(db.id, "DEPENDS_ON", web.id)]) == view.claims([]) == []
        with store.transaction() as tx:
            assert sorted(tx.claims_of([2]), key=lambda c: str(c.target)) == sorted(
                [c for c in said if c.scope == 2], key=lambda c: str(c.target)
            )
            assert len(tx.claims_of([1, 2])) == 5
            assert tx.claims_of([]) == tx.claims_of([8]) == []

        newer = Claim(1, web.id, {"os": "sles"})
        write(store, claims=[newer], removed_claims=[(2, web.id), (1, uses.key), (9, db.id)])

        with store.view() as view:
            assert view.claims([web.id]) == [newer]
            assert view.claims([uses.key]) == [said[3]]

    def test_claims_go_with_what_they_speak_of(self, store: Store) -> None:
        web, db = host("web01"), host("db01")
        uses = link(web, "DEPENDS_ON", db)
        revise(store, created=[web, db], links=[uses])
        write(store, claims=[Claim(1, web.id, {}), Claim(1, uses.key, {}), Claim(1, db.id, {})])

        revise(store, retired=[web], links_retired=[uses])

        with store.view() as view:
            assert view.claims([web.id, uses.key, db.id]) == [Claim(1, db.id, {})]
        with store.transaction() as tx:
            assert tx.claims_of([1]) == [Claim(1, db.id, {})]

    def test_claims_of_what_is_created_with_them_are_kept(self, store: Store) -> None:
        web = host()
        revise(store, created=[web], claims=[Claim(1, web.id, {"os": "debian"})])

        with store.view() as view:
            assert view.claims([web.id]) == [Claim(1, web.id, {"os": "debian"})]

    def test_links_are_found_by_their_only_claimant_and_by_key(self, store: Store) -> None:
        web, db = host("web01"), host("db01")
        links = [link(web, "DEPENDS_ON", db), link(web, "TALKS_TO", db), link(db, "DEPENDS_ON", web)]
        links[0].scope, links[1].scope = 1, 2
        revise(store, created=[web, db], links=links)

        with store.transaction() as tx:
            assert tx.links_of([1]) == links[:1]
            assert tx.links_of([1, 2, 3]) == links[:2]
            assert tx.links_of([]) == []
            missing = (db.id, "TALKS_TO", web.id)
            assert tx.links_by_key([links[0].key, missing, (id_of("?"), "TALKS_TO", web.id)]) == {
                links[0].key: links[0]
            }

    # -- coverage and readings ----------------------------------------------------------------------

    def test_coverage_is_that_of_the_time_asked_for(self, store: Store) -> None:
        web, db = host("web01"), host("db01")
        first = coverage(web, 10)
        other = coverage(web, 10, "accounts")
        far = coverage(db, 15, source="ssh:1", classes=[], relations=[])
        second = coverage(web, 20, outcome="failed", reason="no root", privilege="user", version=2)
        write(store, coverage=[first, other, far])
        write(store, coverage=[second])

        in_order = sorted([second, other, far], key=lambda c: (c.subject, c.section, c.source))
        with store.view() as view:
            assert view.coverage() == in_order
            assert view.coverage([web.id]) == [other, second]
            assert view.coverage([web.id], 19) == [other, first]
            assert view.coverage([web.id, db.id], 9) == view.coverage([]) == []
            assert view.coverage(None, 14) == [other, first]

    def test_readings_are_replaced(self, store: Store) -> None:
        web = host()
        row: dict[str, Any] = {".": {"uptime_seconds": 5, "load_1m": "0.1"}, "items": [["a", {"pids": [1]}]], "x": None}
        write(store, readings=[(web.id, "platform", row), (web.id, "flows", {})])
        write(store, readings=[(web.id, "flows", {"count": 1.5})])

        with store.view() as view:
            assert view.readings(web.id) == {"flows": {"count": 1.5}, "platform": row}
            assert list(view.readings(web.id)) == ["flows", "platform"]

    # -- pending ------------------------------------------------------------------------------------

    def test_pending_relations_are_found_from_all_sides(self, store: Store) -> None:
        web, db = host("web01"), host("db01")
        rows = [
            pending(web, "10.0.0.2", 1, attributes={"why": "dns"}),
            pending(web, "10.0.0.2", 2, port=80, far=db.id, passes=3),
            pending(db, "10.0.0.1", 1, near_end="object", port=0, protocol=""),
            pending(web, "10.0.0.2", 1, domain="lab"),
        ]
        write(store, pending=rows)

        ordered = sorted(rows, key=lambda p: p.key)
        with store.view() as view:
            assert view.pending([web.id, db.id]) == ordered
            assert view.pending([db.id]) == [rows[2]]
        with store.transaction() as tx:
            assert tx.pending_of([1]) == [p for p in ordered if p.scope == 1]
            assert tx.pending_at("default", ["10.0.0.2", "10.9.9.9"]) == [rows[0], rows[1]]
            assert tx.pending_to([db.id]) == [rows[1]]
            assert tx.pending_of([]) == tx.pending_at("lab", []) == tx.pending_to([web.id]) == []

        seen = replace(rows[0], last_seen=9, passes=2, far=db.id)
        write(store, pending=[seen], removed_pending=[rows[1]])

        with store.view() as view:
            assert view.pending([web.id]) == sorted([seen, rows[3]], key=lambda p: p.key)

    # -- entries and documents ----------------------------------------------------------------------

    def test_entries_keep_their_past(self, store: Store) -> None:
        first = entry("baseline", "gold", state="open", pins=["a"], nested={"n": 1, "none": None})
        other = entry("baseline", "\U0001f600"), entry("baseline", "\uffff"), entry("token", "gold")
        revise(store, entries=[first, *other])
        second = entry("baseline", "gold", state="approved")
        revise(store, entries=[second])
        revise(store, entries_removed=[second])
        third = entry("baseline", "gold", state="again")
        revise(store, entries=[third])

        states = [replace(first, until=2), replace(second, until=3), third]
        with store.view() as view:
            assert view.entry("baseline", "gold") == third
            assert view.entry_history("baseline", "gold") == states
            assert [view.entry("baseline", "gold", at) for at in (0, 1, 2, 3, 4)] == [None, *states[:2], None, third]
            assert view.entries("baseline") == [third, other[1], other[0]]
            assert view.entries("baseline", 3) == [other[1], other[0]]
            assert view.entries("baseline", 2) == [states[1], other[1], other[0]]
            assert view.entries("token") == [other[2]]

    def test_a_document_stays_as_it_was_put(self, store: Store) -> None:
        data = bytes(range(256)) * 1000
        with store.transaction() as tx:
            tx.put_document("a" * 64, data)
            tx.put_document("b" * 64, b"")
            assert tx.documents(["a" * 64]) == {"a" * 64: data}
        with store.transaction() as tx:
            tx.put_document("a" * 64, b"other")

        with store.view() as view:
            assert view.documents(["a" * 64, "b" * 64, "c" * 64]) == {"a" * 64: data, "b" * 64: b""}
            assert view.documents([]) == {}

    def test_unversioned_values_are_replaced_and_forgotten(self, store: Store) -> None:
        with store.transaction() as tx:
            tx.put_unversioned("session", "k", {"a": [1, None, 1.5, {"b": True}]})
            assert tx.unversioned("session", "k") == {"a": [1, None, 1.5, {"b": True}]}
        with store.transaction() as tx:
            tx.put_unversioned("session", "k", {"a": 2})
            assert tx.unversioned("code", "k") is None
        with store.view() as view:
            assert view.unversioned("session", "k") == {"a": 2}
            assert view.unversioned("code", "k") is None
        with store.transaction() as tx:
            assert tx.unversioned("session", "k") == {"a": 2}
            tx.remove_entry_value("session", "k")
            tx.remove_entry_value("session", "never was")
            assert tx.unversioned("session", "k") is None

    def test_unversioned_values_of_a_kind_come_by_key_a_page_at_a_time(self, store: Store) -> None:
        with store.transaction() as tx:
            for key in ("b", "a", "\u00e4", "c"):
                tx.put_unversioned("session", key, {"of": key})
            tx.put_unversioned("code", "aa", {})
            assert tx.unversioned_of("session", "", 2) == [("a", {"of": "a"}), ("b", {"of": "b"})]
        with store.view() as view:
            assert view.unversioned_of("session", "b", 5) == [("c", {"of": "c"}), ("\u00e4", {"of": "\u00e4"})]
            assert view.unversioned_of("none", "", 5) == []

    # -- batches ------------------------------------------------------------------------------------

    def test_a_batch_that_made_a_revision_keeps_its_receipt(self, store: Store) -> None:
        receipt = {"batch": "one", "created": 1, "sections": [{"section": "x", "reason": None}]}
        revise(store, created=[host()], batch="one", receipt=receipt)
        revise(store, created=[host("b")], batch="two")

        with store.transaction() as tx:
            assert tx.receipt("one") == receipt
            assert tx.receipt("two") is None
            assert tx.receipt("three") is None

    def test_what_was_read_ahead_follows_every_write(self, store: Store) -> None:
        web = host("web01", "mac a")
        standing = scope(web)
        revise(store, created=[web])
        with store.transaction() as tx:
            tx.number_scopes([standing])

        with store.transaction() as tx:
            ahead = [("one", "agent:1", ["mac a"]), ("two", "agent:1", ["mac z"])]
            tx.foresee(ahead)
            assert tx.identified(["mac a", "mac z"]) == {"mac a": [web.id]}
            assert tx.last_states([web.id]) == {web.id: web}
            assert tx.scopes_of("agent:1", web.id) == {"packages": standing}
            assert tx.receipt("one") is None

            again = replace(standing, sequence=9, seen_at=99, cost={})
            tx.seen_again([again])
            assert tx.scopes_of("agent:1", web.id) == {"packages": again}
            more = scope(web, "accounts")
            tx.number_scopes([more])
            assert tx.scopes_of("agent:1", web.id) == {"packages": again, "accounts": more}

            tx.foresee(ahead)
            shared = replace(web, scope=None if web.scope else 5)
            tx.write(Commit(rescoped=[shared]))
            assert tx.last_states([web.id]) == {web.id: shared}

            tx.foresee(ahead)
            new = changed(shared, os="debian")
            new.identifiers = ["mac z"]
            revise_in(tx, updated=[(shared, new)], batch="one", receipt={"batch": "one"})
            assert tx.identified(["mac a", "mac z"]) == {"mac z": [web.id]}
            assert tx.last_states([web.id]) == {web.id: new}
            assert tx.receipt("one") == {"batch": "one"}

    def test_a_batch_makes_one_revision_only(self, store: Store) -> None:
        revise(store, created=[host("a")], batch="one")

        with pytest.raises(StoreError):
            revise(store, created=[host("b")], batch="one")

        with store.view() as view:
            assert view.counts() == {"Host": 1, "links": 0, "revisions": 1}

    def test_the_last_section_lines_are_kept_by_source_and_subject(self, store: Store) -> None:
        web = host()
        write(store, same=("agent:1", web.id, "a" * 64))
        write(store, same=("agent:1", web.id, "b" * 64))

        with store.transaction() as tx:
            assert tx.same("agent:1", web.id) == "b" * 64
            assert tx.same("agent:2", web.id) is None

    def test_a_part_stands_once_below_its_parent(self, store: Store) -> None:
        web = host()
        nginx = package(web, "nginx")
        revise(store, created=[web, nginx])
        twin = replace(part(web, "SoftwarePackage", nginx.key), id=id_of("twin"))

        with pytest.raises(StoreError):
            revise(store, created=[twin])

    def test_addresses_are_told_apart_by_domain(self, store: Store) -> None:
        one, two = address("default", "10.0.0.1"), address("lab", "10.0.0.1")
        revise(store, created=[one, two])

        with store.transaction() as tx:
            assert tx.identified(["IPAddress lab/10.0.0.1"]) == {"IPAddress lab/10.0.0.1": [two.id]}

    def test_scopes_come_by_subjects_so_many_at_a_time(self, store: Store) -> None:
        made = [host(f"h{n}") for n in range(3)]
        revise(store, created=made)
        with store.transaction() as tx:
            tx.number_scopes([scope(h, section, source) for h in made for section in ("os", "a") for source in "ab"])
        ids = sorted(h.id for h in made)

        with store.view() as view:
            first, rest = view.scopes_after("", 2), view.scopes_after(ids[1], 2)
            assert [(s.subject, s.section, s.source) for s in first] == [
                (i, section, source) for i in ids[:2] for section in ("a", "os") for source in "ab"
            ]
            assert {s.subject for s in rest} == {ids[2]}
            assert view.scopes_after(ids[2], 2) == []

    def test_relations_that_were_not_seen_since_a_time_are_found(self, store: Store) -> None:
        web = host()
        revise(store, created=[web])
        old, new = pending(web, "10.0.0.8", last_seen=5), pending(web, "10.0.0.9", last_seen=9)
        write(store, pending=[old, new])

        with store.transaction() as tx:
            assert tx.unseen([old.type], 9, 10) == [old]
            assert [p.last_seen for p in tx.unseen([old.type], 10, 10)] == [5, 9]
            assert len(tx.unseen([old.type], 10, 1)) == 1
            assert tx.unseen(["MEMBER_OF"], 10, 10) == []

    def test_entries_of_some_keys_are_those(self, store: Store) -> None:
        revise(store, entries=[entry("stale", "a"), entry("stale", "b"), entry("other", "a")])
        revise(store, entries=[entry("stale", "b", said="again")])

        with store.view() as view:
            assert [(e.kind, e.key, e.since) for e in view.entries("stale", None, ["b", "none"])] == [("stale", "b", 2)]
            assert [(e.key, e.since) for e in view.entries("stale", 1, ["b", "a"])] == [("a", 1), ("b", 1)]
            assert view.entries("stale", None, []) == []

    def test_entries_that_a_transaction_writes_are_there_for_what_follows_in_it(self, store: Store) -> None:
        first = entry("stale", "a")
        with store.transaction() as tx:
            assert tx.entry("stale", "a") is None
            assert tx.entries("stale") == tx.entries("stale", None, ["a"]) == []
            revise_in(tx, entries=[first, entry("stale", "b")])
            assert tx.entry("stale", "a") == first
            assert [e.key for e in tx.entries("stale")] == ["a", "b"]
            assert tx.entries("stale", None, ["a"]) == [first]
            again = entry("stale", "a", said="again")
            revise_in(tx, entries=[again])
            assert tx.entry("stale", "a") == again
            assert tx.entry("stale", "a", 1) == replace(first, until=2)
            assert [e.since for e in tx.entries("stale")] == [2, 1]
            revise_in(tx, entries_removed=[again])
            assert tx.entry("stale", "a") is None
            assert [e.key for e in tx.entries("stale")] == ["b"]
            assert tx.entries("stale", None, ["a"]) == []
