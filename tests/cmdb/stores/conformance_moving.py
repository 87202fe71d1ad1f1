"""Promises about CIs that are put together anew: parts that move to another whole, and CIs that go on in another one."""

from __future__ import annotations

from dataclasses import replace

from cmdb.ports import Store
from tests.cmdb.stores.building import WITNESS, current, ended, host, ids, package, part, revise

MERGED = replace(WITNESS, merged=True)


class Moving:
    """Needs the fixture `store`, an empty store."""

    def test_a_part_moves_to_another_whole_and_its_past_stays_where_it_was(self, store: Store) -> None:
        web, db = host("web"), host("db")
        curl, eth = package(web, "curl"), part(web, "NetworkInterface", "eth0", name="eth0")
        own = part(db, "NetworkInterface", "eth0", name="eth0")
        revise(store, created=[web, db, curl, eth, own])
        counts = _counts(store)

        moved, renamed = replace(curl, parent=db.id), replace(eth, parent=db.id, key="eth1")
        revise(store, updated=[(curl, moved), (eth, renamed)])

        assert current(store, curl, eth) == [moved, renamed]
        with store.view() as view:
            assert ids(view.parts(web.id)) == []
            assert ids(view.parts(db.id)) == ids([own, renamed, moved])
            assert ids(view.parts(web.id, at=1)) == ids([eth, curl])
            assert ids(view.parts(db.id, at=1)) == ids([own])
            assert view.history(curl.id) == [ended(curl, 2), moved]
            assert view.changed(1, 2) == sorted(("ci", "updated", i) for i in ids([curl, eth]))
        assert _counts(store) == {**counts, "revisions": 2}
        assert list(store.check()) == []

    def test_a_part_moves_to_a_whole_that_is_made_in_the_same_revision_and_leaves_its_key(self, store: Store) -> None:
        web = host("web")
        curl = package(web, "curl")
        revise(store, created=[web, curl])

        db = host("db")
        moved = replace(curl, parent=db.id)
        fresh = replace(package(web, "curl"), id="0" * 26)
        revise(store, updated=[(curl, moved)], created=[fresh, db])

        with store.view() as view:
            assert view.parts(db.id) == [moved]
            assert view.parts(web.id) == [fresh]
            assert ids(view.parts(web.id, at=1)) == [curl.id]

    def test_a_moved_part_may_retire_and_comes_back_where_it_was_last(self, store: Store) -> None:
        web, db = host("web"), host("db")
        curl = package(web, "curl")
        revise(store, created=[web, db, curl])
        moved = replace(curl, parent=db.id)
        revise(store, updated=[(curl, moved)])
        revise(store, retired=[moved])

        with store.transaction() as tx:
            asked = [(curl.class_name, curl.key)]
            assert tx.retired_parts(web.id, asked) == {}
            assert [i.id for i in tx.retired_parts(db.id, asked).values()] == [curl.id]

    def test_a_part_that_came_back_elsewhere_is_retired_nowhere(self, store: Store) -> None:
        web, db = host("web"), host("db")
        curl = package(web, "curl")
        revise(store, created=[web, db, curl])
        revise(store, retired=[curl])
        revise(store, created=[replace(curl, parent=db.id)])

        with store.transaction() as tx:
            assert tx.retired_parts(web.id, [(curl.class_name, curl.key)]) == {}

    def test_identifiers_of_what_goes_on_in_another_ci_find_it_no_more(self, store: Store) -> None:
        web, db = host("web", "agent a/1", "mac x"), host("db", "agent b/2", "mac x")
        revise(store, created=[web, db])
        revise(store, retired_by=[(db, MERGED)])

        with store.transaction() as tx:
            assert tx.identified(["agent a/1", "agent b/2", "mac x"]) == {"agent a/1": [web.id], "mac x": [web.id]}
        with store.view() as view:
            assert view.last_states([db.id])[db.id].identifiers == db.identifiers

        back = replace(db, since=0, salt=b"", digest=b"")
        revise(store, created=[back])
        with store.transaction() as tx:
            assert tx.identified(["agent b/2", "mac x"]) == {
                "agent b/2": [db.id],
                "mac x": sorted([web.id, db.id]),
            }


def _counts(store: Store) -> dict[str, int]:
    with store.view() as view:
        return view.counts()
