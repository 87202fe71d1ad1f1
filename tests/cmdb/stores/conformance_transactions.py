"""Promises about transactions and views: all or nothing, one writer at a time, durable, steady meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from cmdb.model.query_language import parse
from cmdb.ports import Store
from cmdb.states import Claim, Commit
from tests.cmdb.stores.building import (
    changed,
    coverage,
    entry,
    host,
    id_of,
    ids,
    link,
    package,
    pending,
    revise,
    revise_in,
    scope,
    write,
)

Reopen = Callable[[], Store]


class Refused(Exception):
    """What a test raises within a transaction."""


class Transactions:
    """Needs the fixtures `store`, an empty store, and `reopen`, which opens the same place once more."""

    def test_later_writes_of_a_transaction_alter_what_earlier_ones_made(self, store: Store) -> None:
        web, db = host("web01", "mac a"), host("db01", "mac b")
        nginx, sshd = package(web, "nginx"), package(web, "sshd")
        uses = link(nginx, "DEPENDS_ON", db)
        debian = changed(web, os="debian")
        debian.identifiers = ["mac z"]
        standing = scope(web)
        with store.transaction() as tx:
            revise_in(tx, created=[web, nginx, sshd], claims=[Claim(1, nginx.id, {"a": 1})])
            tx.number_scopes([standing])
            revise_in(tx, created=[db], links=[uses], pending=[pending(nginx, "10.0.0.1")])
            revise_in(tx, updated=[(web, debian)], scopes=[replace(standing, outcome="failed")])
            tx.seen_again([replace(standing, seen_at=77)])
            tx.write(Commit(rescoped=[replace(sshd, scope=9)], claims=[Claim(2, nginx.id, {"a": 2})]))
            revise_in(tx, retired=[nginx], links_retired=[uses], removed_pending=[pending(nginx, "10.0.0.1")])
            back = replace(nginx, name=nginx.name)
            revise_in(tx, created=[back], claims=[Claim(3, nginx.id, {"a": 3})])
            again = link(back, "DEPENDS_ON", db)
            revise_in(tx, links=[again], pending=[pending(nginx, "10.0.0.2")])

        with store.view() as view:
            assert view.items([web.id, db.id, nginx.id, sshd.id]) == {
                web.id: debian,
                db.id: db,
                nginx.id: back,
                sshd.id: replace(sshd, scope=9),
            }
            assert [i.since for i in view.history(nginx.id)] == [1, 5]
            assert [i.since for i in view.history(web.id)] == [1, 3]
            assert [k.since for k in view.link_history(nginx.id)] == [2, 6]
            assert view.links([db.id]) == [again]
            assert view.claims([nginx.id]) == [Claim(3, nginx.id, {"a": 3})]
            assert [p.address for p in view.pending([nginx.id])] == ["10.0.0.2"]
            assert [(s.outcome, s.seen_at) for s in view.scopes(web.id)] == [("failed", 77)]
            assert view.head().number == 6
        with store.transaction() as tx:
            assert tx.identified(["mac a", "mac b", "mac z"]) == {"mac b": [db.id], "mac z": [web.id]}

    def test_a_part_of_a_part_that_is_still_to_be_written_comes_after_it(self, store: Store) -> None:
        web = host("web01")
        nginx = package(web, "nginx")
        with store.transaction() as tx:
            revise_in(tx, created=[web])
            revise_in(tx, created=[nginx])
            revise_in(tx, created=[below := package(nginx, "below")])

        with store.view() as view:
            assert view.parts(nginx.id) == [below]

    def test_a_transaction_that_raises_leaves_nothing(self, store: Store) -> None:
        web, db = host("web01", "mac a"), host("db01", "mac b")
        revise(store, created=[web], entries=[entry("baseline", "gold", n=1)])
        standing = scope(web)
        with store.transaction() as tx:
            tx.number_scopes([standing])

        with pytest.raises(Refused), store.transaction() as tx:  # noqa: PT012 - what is raised inside is the point
            revise_in(
                tx,
                created=[db],
                updated=[(web, changed(web, os="debian"))],
                links=[link(db, "DEPENDS_ON", web)],
                entries=[entry("baseline", "gold", n=2)],
                batch="one",
                receipt={"batch": "one"},
                claims=[Claim(1, web.id, {})],
                coverage=[coverage(web, 1)],
                readings=[(web.id, "x", {"a": 1})],
                pending=[pending(web, "10.0.0.1")],
                same=("agent:1", web.id, "a" * 64),
            )
            tx.number_scopes([scope(web, "accounts")])
            tx.put_document("a" * 64, b"x")
            tx.put_unversioned("session", "k", {})
            raise Refused

        with store.transaction() as tx:
            assert tx.head().number == 1
            assert list(tx.scan()) == [web]
            assert tx.history(web.id) == [web]
            empty: list[object] = [list(tx.scan_links()), tx.claims([web.id]), tx.coverage(), tx.pending([web.id])]
            empty += [tx.readings(web.id), tx.documents(["a" * 64]), tx.identified(["mac b"])]
            assert not any(empty)
            assert [tx.unversioned("session", "k"), tx.receipt("one"), tx.same("agent:1", web.id)] == [None] * 3
            assert [e.value for e in tx.entry_history("baseline", "gold")] == [{"n": 1}]
            assert tx.scopes(web.id) == [standing]
            assert tx.changed(0, 9) == [("ci", "created", web.id), ("entry", "created", "baseline gold")]

    def test_what_is_refused_does_not_hinder_the_next(self, store: Store) -> None:
        for _ in range(3):
            with pytest.raises(Refused), store.transaction() as tx:  # noqa: PT012 - as above
                revise_in(tx, created=[host()])
                raise Refused

        assert revise(store, created=[host()]) == 1

    def test_a_transaction_sees_its_own_writes(self, store: Store) -> None:
        web, db = host("web01", "mac a", os="debian"), host("db01")
        uses = link(web, "DEPENDS_ON", db, why="dns")
        with store.transaction() as tx:
            revise_in(tx, created=[web, db], links=[uses], batch="one", receipt={"batch": "one"})
            tx.write(Commit(claims=[Claim(1, web.id, {"os": "debian"})], pending=[pending(web, "10.0.0.1")]))

            assert tx.items([web.id]) == {web.id: web}
            assert tx.links([db.id]) == [uses]
            assert tx.identified(["mac a"]) == {"mac a": [web.id]}
            assert tx.receipt("one") == {"batch": "one"}
            assert tx.claims([web.id]) == [Claim(1, web.id, {"os": "debian"})]
            assert tx.pending([web.id]) == [pending(web, "10.0.0.1")]
            assert ids(tx.find(parse("os:debian")).items) == [web.id]
            assert ids(tx.find(parse("web")).items) == [web.id]
            assert sorted(ids(tx.find(parse("rel:DEPENDS_ON")).items)) == sorted([web.id, db.id])
            assert tx.counts() == {"Host": 2, "links": 1, "revisions": 1}

    def test_a_view_opened_after_a_commit_shows_it(self, store: Store, reopen: Reopen) -> None:
        other = reopen()
        for n in range(20):
            web = host(f"web{n}")
            revise(store, created=[web])
            with other.view() as view:
                assert view.head().number == n + 1
                assert view.items([web.id]) == {web.id: web}

    def test_a_view_is_steady_while_another_commits(self, store: Store, reopen: Reopen) -> None:
        web, db = host("web01", os="debian"), host("db01", os="debian")
        nginx = package(web, "nginx", versions=["1"])
        uses = link(web, "DEPENDS_ON", db, why="dns")
        base = entry("baseline", "gold", n=1)
        revise(store, created=[web, db, nginx], links=[uses], entries=[base])
        other = reopen()

        with store.view() as view:
            before = view.head()
            nginx2 = changed(nginx, versions=["2"])
            revise(
                other,
                created=[host("new", os="debian")],
                updated=[(nginx, nginx2)],
                links_retired=[uses],
                entries=[entry("baseline", "gold", n=2)],
            )
            revise(other, retired=[nginx2, web])

            assert view.head() == before
            found = view.items(ids([web, db, nginx]))
            assert {i: (item.since, item.attributes) for i, item in found.items()} == {
                item.id: (item.since, item.attributes) for item in (web, db, nginx)
            }
            assert [item.attributes for item in view.parts(web.id)] == [nginx.attributes]
            assert [(k.key, k.attributes) for k in view.links([db.id])] == [(uses.key, uses.attributes)]
            assert sorted(ids(view.find(parse("class:Host os:debian")).items)) == sorted([web.id, db.id])
            assert view.find(parse("versions:2")).total == 0
            assert sorted(ids(view.find(parse("rel:CONTAINS")).items)) == sorted([web.id, nginx.id])
            assert sorted(ids(view.scan())) == sorted(ids([web, db, nginx]))
            assert [k.key for k in view.scan_links()] == [uses.key]
            assert [s.since for s in view.history(nginx.id)] == [1]
            assert [s.since for s in view.link_history(db.id)] == [1]
            gold = view.entry("baseline", "gold")
            assert gold is not None
            assert gold.value == {"n": 1}
            assert [e.value for e in view.entries("baseline")] == [{"n": 1}]
            assert view.changed(0, 99) == [
                *sorted(("ci", "created", i) for i in ids([web, db, nginx])),
                ("entry", "created", "baseline gold"),
                ("link", "created", " ".join(uses.key)),
            ]
            assert [r.number for r in view.revisions()] == [1]
            assert view.revision(2) is None
            assert view.revision_at(10**15) == 1
            assert view.counts() == {"Host": 2, "SoftwarePackage": 1, "links": 1, "revisions": 1}

        with store.view() as view:
            assert view.head().number == 3

    def test_views_under_writing_never_show_half_a_commit(self, store: Store, reopen: Reopen) -> None:
        """Every revision sets all packages to its own number: an answer with two numbers is half a commit."""
        web = host()
        packages = [package(web, f"p{n}", source="1") for n in range(40)]
        revise(store, created=[web, *packages])
        other = reopen()
        stop = threading.Event()

        def rewrite() -> int:
            now, number = packages, 1
            while not stop.is_set():
                number += 1
                new = [changed(item, source=str(number)) for item in now]
                revise(other, updated=list(zip(now, new, strict=True)))
                now = new
            return number

        with ThreadPoolExecutor(1) as pool:
            writing = pool.submit(rewrite)
            try:
                for _ in range(25):
                    with store.view() as view:
                        number = str(view.head().number)
                        found = view.items(ids(packages)).values()
                        for states in (view.parts(web.id), found, view.scan(["SoftwarePackage"])):
                            assert [item.attributes["source"] for item in states] == [number] * 40
                        assert view.find(parse(f"source:{number}")).total == 40
            finally:
                stop.set()
            assert writing.result() > 1

    def test_two_writers_are_serial(self, store: Store, reopen: Reopen) -> None:
        """Each reads the head and writes the next revision; an overlap would write one number twice."""
        stores = [store, reopen()]

        def add(n: int) -> int:
            return revise(stores[n % 2], created=[host(f"web{n}")])

        with ThreadPoolExecutor(4) as pool:
            numbers = list(pool.map(add, range(24)))

        assert sorted(numbers) == list(range(1, 25))
        with store.view() as view:
            found = view.revisions()
            assert [r.previous for r in found[1:]] == [r.digest for r in found[:-1]]
            assert view.counts()["Host"] == 24

    def test_a_writer_waits_for_the_one_before(self, store: Store, reopen: Reopen) -> None:
        other = reopen()
        order: list[str] = []

        def second() -> int:
            number = revise(other, created=[host("b")])
            order.append("second")
            return number

        with ThreadPoolExecutor(1) as pool:
            with store.transaction() as tx:
                waiting = pool.submit(second)
                revise_in(tx, created=[host("a")])
                order.append("first")
            assert waiting.result() == 2

        assert order == ["first", "second"]

    def test_reopening_keeps_everything(self, store: Store, reopen: Reopen) -> None:
        web = host("web01", "mac a", os="debian")
        revise(store, created=[web], batch="one", receipt={"batch": "one"})
        write(store, readings=[(web.id, "platform", {"x": 1})])
        genesis, key = store.genesis(), store.digest_key()
        store.close()

        again = reopen()

        assert (again.genesis(), again.digest_key()) == (genesis, key)
        assert (len(bytes.fromhex(genesis)), len(key)) == (32, 32)
        with again.transaction() as tx:
            assert tx.history(web.id) == [web]
            assert tx.receipt("one") == {"batch": "one"}
            assert tx.readings(web.id) == {"platform": {"x": 1}}
            assert ids(tx.find(parse("debian")).items) == [web.id]

    def test_threads_share_a_store(self, store: Store) -> None:
        hosts = [host(f"web{n}") for n in range(12)]

        def work(n: int) -> int:
            revise(store, created=[hosts[n]])
            with store.view() as view:
                return len(view.items([hosts[n].id]))

        with ThreadPoolExecutor(6) as pool:
            assert list(pool.map(work, range(12))) == [1] * 12

    def test_a_sound_store_has_no_problems(self, store: Store) -> None:
        web = host()
        revise(store, created=[web, package(web, "nginx")])

        assert list(store.check()) == []
        assert id_of("x") not in store.url
