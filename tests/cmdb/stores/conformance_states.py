"""Promises about states: items, parts, links, their past, and what revisions did."""

from __future__ import annotations

from dataclasses import replace

from cmdb.ports import Store
from cmdb.states import Commit, Head
from tests.cmdb.stores.building import (
    SECOND,
    WITNESS,
    address,
    changed,
    current,
    ended,
    entry,
    host,
    ids,
    keys,
    link,
    link_ended,
    package,
    part,
    revise,
    revise_in,
)

UNKNOWN = "0" * 26


class States:
    """Needs the fixture `store`, an empty store."""

    # -- items --------------------------------------------------------------------------------------

    def test_an_item_comes_back_as_it_was_written(self, store: Store) -> None:
        web = host(
            "web01",
            "dmi 1234/x",
            "machine+mac y/z",
            os="debian",
            cpu_count=2**53 - 1,
            memory_bytes=-(2**53) + 1,
            resolvers=["10.0.0.1", "10.0.0.2"],
            gateways=[],
        )
        web.scope, web.not_before = 3, 4
        loopback = part(web, "NetworkInterface", "lo", name="lo", enabled=False, mtu=0, kind="")

        revise(store, created=[web, loopback])

        found, below = current(store, web, loopback)
        assert found == web
        assert below == loopback
        assert below.attributes["enabled"] is False
        assert type(below.attributes["mtu"]) is int
        assert (found.until, found.ended, found.witness) == (None, None, None)

    def test_hostile_text_comes_back_as_it_was_written(self, store: Store) -> None:
        texts = ["\ue000 \uffff", "\U0001f600", "\u2028\x85\x1f\x7f", "'\"`$\\{}//--", "\u202e\x1b[2J", "x" * 4096]
        web = host("we'b`01", os_name=texts[0], resolvers=sorted(texts))
        items = [web, *(package(web, text, source=text) for text in texts)]

        revise(store, created=items)

        assert current(store, *items) == items

    def test_unknown_ids_are_absent(self, store: Store) -> None:
        web = host()
        revise(store, created=[web])

        with store.view() as view:
            assert list(view.items([UNKNOWN, web.id])) == [web.id]
            assert view.items([]) == {}
            assert view.last_states([UNKNOWN]) == {}
            assert view.items([UNKNOWN], at=1) == {}
            assert view.parts(UNKNOWN) == view.parts(UNKNOWN, at=1) == []
            assert view.links([UNKNOWN]) == view.link_history(UNKNOWN) == view.links([]) == []
            assert view.history(UNKNOWN) == []
            assert view.revision(9) is None
            empty: list[object] = [view.scopes(UNKNOWN), view.pending([UNKNOWN]), view.claims([UNKNOWN])]
            empty += [view.readings(UNKNOWN), view.scopes_by_number([9]), view.documents(["0" * 64])]
            assert not any(empty)
            assert view.entry("baseline", "none") is None
            assert view.entries("baseline") == view.entry_history("baseline", "none") == []

    def test_many_ids_are_asked_at_once(self, store: Store) -> None:
        hosts = [host(f"web{n}") for n in range(1200)]
        revise(store, created=hosts)

        with store.view() as view:
            assert view.items(ids(hosts)) == {h.id: h for h in hosts}
            assert len(view.items(ids(hosts), at=1)) == 1200

    def test_parts_come_in_the_order_of_class_and_key(self, store: Store) -> None:
        web, other = host("web01"), host("web02")
        parts = [
            part(web, "FileSystem", "/", mount_point="/"),
            part(web, "SoftwareInstance", "unit nginx", name="nginx"),
            package(web, "\U0001f600"),
            package(web, "\uffff"),
            package(web, "z"),
            package(web, "A"),
        ]
        revise(store, created=[web, other, *parts, package(other, "b")])

        with store.view() as view:
            whole = view.parts(web.id)
            assert whole == sorted(parts, key=lambda i: (i.class_name, i.key))
            assert view.parts(web.id, ["FileSystem", "SoftwareInstance"]) == whole[:2]
            assert view.parts(web.id, []) == []

    def test_a_part_of_a_part_has_its_own_parent(self, store: Store) -> None:
        web = host()
        interface = part(web, "NetworkInterface", "eth0", name="eth0")
        below = part(interface, "Endpoint", "tcp/::/1", name="tcp [::]:1", port=1)

        revise(store, created=[below, web, interface])

        with store.view() as view:
            assert view.parts(interface.id) == [below]
            assert view.parts(web.id) == [interface]

    def test_an_update_replaces_attributes_and_identifiers(self, store: Store) -> None:
        web = host("web01", "mac a", "mac b", os="debian", os_version="12", cpu_count=2)
        revise(store, created=[web])
        new = changed(web, os_version="13", cpu_count=None, kernel="Linux", name="web02")
        new.identifiers, new.not_before, new.scope = ["mac b", "mac c"], 99, 7

        number = revise(store, updated=[(web, new)])

        assert current(store, web) == [new]
        with store.view() as view:
            assert view.history(web.id) == [ended(web, number), new]
        with store.transaction() as tx:
            assert tx.identified(["mac a", "mac b", "mac c"]) == {"mac b": [web.id], "mac c": [web.id]}

    def test_a_retired_item_is_gone_and_its_last_state_kept(self, store: Store) -> None:
        web = host("web01", "mac a")
        nginx = package(web, "nginx")
        revise(store, created=[web, nginx])

        number = revise(store, retired=[nginx, web])

        with store.view() as view:
            assert view.items([web.id, nginx.id]) == {}
            assert view.parts(web.id) == []
            assert view.last_states([web.id, nginx.id]) == {
                web.id: ended(web, number, WITNESS),
                nginx.id: ended(nginx, number, WITNESS),
            }
            assert view.history(nginx.id) == [ended(nginx, number, WITNESS)]

    def test_an_item_comes_back_under_its_id(self, store: Store) -> None:
        web = host("web01", "mac a")
        nginx = package(web, "nginx", held=True)
        revise(store, created=[web, nginx])
        revise(store, retired=[nginx])
        again = replace(changed(nginx, held=False), born=1)

        revise(store, created=[again])

        with store.view() as view:
            assert view.history(nginx.id) == [ended(nginx, 2, WITNESS), again]
            assert view.last_states([nginx.id]) == {nginx.id: again}
            assert [sorted(view.items([nginx.id], at)) for at in (0, 1, 2, 3)] == [[], [nginx.id], [], [nginx.id]]

    def test_rescoping_makes_no_history(self, store: Store) -> None:
        web, db = host("web01"), host("db01")
        depends = link(web, "DEPENDS_ON", db, why="dns")
        web.scope = depends.scope = 1
        revise(store, created=[web, db], links=[depends])

        with store.transaction() as tx:
            tx.write(Commit(rescoped=[replace(web, scope=None)], links_rescoped=[replace(depends, scope=5)]))

        with store.view() as view:
            assert view.history(web.id) == [replace(web, scope=None)]
            assert view.link_history(web.id) == [replace(depends, scope=5)]
            assert view.head().number == 1

    # -- links --------------------------------------------------------------------------------------

    def test_links_come_in_the_order_of_type_subject_and_object(self, store: Store) -> None:
        hosts = [host(f"web{n}") for n in range(4)]
        links = [
            link(hosts[0], "DEPENDS_ON", hosts[1], why="dns", strength="soft"),
            link(hosts[1], "DEPENDS_ON", hosts[0]),
            link(hosts[2], "TALKS_TO", hosts[0], note="\U0001f600"),
            link(hosts[0], "CONTAINS", hosts[2]),
            link(hosts[0], "RUNS_ON", hosts[0]),
            link(hosts[3], "DEPENDS_ON", hosts[2]),
        ]
        revise(store, created=hosts, links=links)

        ordered = sorted(links, key=lambda k: (k.type, k.subject, k.object))
        with store.view() as view:
            assert view.links([hosts[0].id]) == [k for k in ordered if hosts[0].id in k.key]
            assert view.links(ids(hosts)) == ordered
            assert view.link_history(hosts[2].id) == [k for k in ordered if hosts[2].id in k.key]

    def test_being_a_part_is_no_link(self, store: Store) -> None:
        web = host()
        nginx = part(web, "SoftwareInstance", "unit nginx", name="nginx")
        told = link(nginx, "RUNS_ON", web)
        revise(store, created=[web, nginx], links=[told])

        with store.view() as view:
            assert view.links([web.id]) == [told]
            assert list(view.scan_links()) == [told]
            assert view.counts()["links"] == 1

        revise(store, links_retired=[told])

        with store.view() as view:
            assert view.links([web.id]) == []
            assert view.parts(web.id) == [nginx]

    def test_a_link_that_changes_or_ends_keeps_its_past(self, store: Store) -> None:
        web, db = host("web01"), host("db01")
        first = link(web, "DEPENDS_ON", db, why="dns")
        revise(store, created=[web, db], links=[first])
        second = replace(first, attributes={"evidence": "/etc/x:1"}, not_before=12, scope=3)
        revise(store, links_updated=[(first, second)])
        revise(store, links_retired=[second])

        states = [link_ended(first, 2), link_ended(second, 3, WITNESS)]
        with store.view() as view:
            assert view.link_history(web.id) == view.link_history(db.id) == states
            assert [view.links([db.id], at) for at in (0, 1, 2, 3)] == [[], states[:1], states[1:], []]
            assert view.links([web.id]) == []
            assert [list(view.scan_links(None, at)) for at in (1, 2)] == [states[:1], states[1:]]

    # -- as of --------------------------------------------------------------------------------------

    def test_a_question_as_of_a_revision_gets_the_states_of_then(self, store: Store) -> None:
        web, db = host("web01", os="debian"), host("db01")
        nginx = package(web, "nginx", versions=["1"])
        revise(store, created=[web, nginx])
        nginx2 = changed(nginx, versions=["2"])
        revise(store, created=[db], updated=[(nginx, nginx2)])
        revise(store, retired=[nginx2, web])

        with store.view() as view:
            past = [view.items(ids([web, db, nginx]), at) for at in range(5)]
            assert [sorted(p) for p in past] == [
                sorted(ids(i)) for i in ([], [web, nginx], [web, db, nginx], [db], [db])
            ]
            assert past[1][nginx.id] == ended(nginx, 2)
            assert past[2][nginx.id] == ended(nginx2, 3, WITNESS)
            assert [view.parts(web.id, None, at) for at in range(4)] == [
                [],
                [ended(nginx, 2)],
                [ended(nginx2, 3, WITNESS)],
                [],
            ]
            assert view.parts(web.id, ["FileSystem"], 1) == []
            for at in range(4):
                assert {i.id: i for i in view.scan(None, at)} == past[at]
            assert {i.id for i in view.scan(["SoftwarePackage"], 2)} == {nginx.id}
            assert [i.id for i in view.scan()] == [db.id]

    def test_scan_yields_every_current_state_once(self, store: Store) -> None:
        web = host()
        items = [web, *(package(web, f"p{n}") for n in range(300))]
        links = [link(web, "DEPENDS_ON", item, why="x") for item in items]
        revise(store, created=items, links=links)

        with store.view() as view:
            assert sorted(view.scan(), key=lambda i: i.id) == sorted(items, key=lambda i: i.id)
            assert [i.id for i in view.scan(["Host"])] == [web.id]
            assert not [*view.scan([]), *view.scan_links([])]
            assert sorted(keys(view.scan_links())) == sorted(keys(links))
            assert list(view.scan_links(["TALKS_TO"])) == []
            assert len(list(view.scan_links(["DEPENDS_ON", "EXPOSES"], 1))) == len(links)

    # -- revisions ----------------------------------------------------------------------------------

    def test_an_empty_store_stands_at_revision_zero(self, store: Store) -> None:
        with store.view() as view:
            assert view.head() == Head(0, 0, "")
            assert view.revisions() == []
            assert view.revision_at(10**15) == 0
            assert view.changed(0, 9) == []
            assert view.counts() == {"links": 0, "revisions": 0}
            assert list(view.scan()) == []

    def test_revisions_are_read_by_number_and_time(self, store: Store) -> None:
        for n in range(5):
            revise(store, created=[host(f"web{n}")], batch=f"batch-{n}" if n % 2 else None)

        with store.view() as view:
            found = view.revisions()
            assert [r.number for r in found] == [1, 2, 3, 4, 5]
            assert [r.number for r in view.revisions(after=2, limit=2)] == [3, 4]
            assert view.revision(2) == found[1]
            assert (found[1].batch, found[1].batch_digest, found[1].previous) == ("batch-1", "b" * 64, found[0].digest)
            assert (found[0].batch, found[0].observed_at, found[0].received_at) == (None, 0, SECOND)
            assert view.head() == Head(5, found[4].committed_at, found[4].digest)
            assert view.revision_at(found[2].committed_at) == 3
            assert view.revision_at(found[2].committed_at - 1) == 2
            assert view.revision_at(0) == 0

    def test_changed_says_what_revisions_did(self, store: Store) -> None:
        web, db = host("web01"), host("db01")
        uses = link(web, "DEPENDS_ON", db, why="dns")
        base = entry("baseline", "gold", state="open")
        revise(store, created=[web, db], links=[uses], entries=[base])
        web2, uses2 = changed(web, os="debian"), replace(uses, attributes={"why": "ntp"})
        base2 = entry("baseline", "gold", state="approved")
        revise(store, updated=[(web, web2)], links_updated=[(uses, uses2)], entries=[base2])
        revise(store, links_retired=[uses2], retired=[web2], entries_removed=[base2])
        revise(store, created=[replace(changed(web), born=1)])

        key = f"{web.id} DEPENDS_ON {db.id}"
        with store.view() as view:
            assert view.changed(0, 1) == [
                *sorted(("ci", "created", i) for i in ids([web, db])),
                ("entry", "created", "baseline gold"),
                ("link", "created", key),
            ]
            assert view.changed(1, 3) == [
                ("ci", "updated", web.id),
                ("entry", "updated", "baseline gold"),
                ("link", "updated", key),
                ("ci", "retired", web.id),
                ("entry", "retired", "baseline gold"),
                ("link", "retired", key),
            ]
            assert view.changed(3, 9) == [("ci", "created", web.id)]
            assert view.changed(4, 4) == view.changed(9, 12) == []

    def test_several_revisions_share_a_transaction(self, store: Store) -> None:
        web = host("web01")
        with store.transaction() as tx:
            revise_in(tx, created=[web])
            assert tx.items([web.id]) == {web.id: web}
            new = changed(web, os="debian")
            revise_in(tx, updated=[(web, new)])
            assert tx.head().number == 2
            assert tx.items([web.id]) == {web.id: new}
            assert tx.items([web.id], at=1) == {web.id: ended(web, 2)}
            revise_in(tx, retired=[new])
            assert tx.items([web.id]) == {}

        with store.view() as view:
            assert view.history(web.id) == [ended(web, 2), ended(new, 3, WITNESS)]
            assert [op for _, op, _ in view.changed(0, 3)] == ["created", "updated", "retired"]

    def test_counts_are_by_class(self, store: Store) -> None:
        web = host("web01")
        here = address("default", "10.0.0.1")
        revise(store, created=[web, package(web, "a"), package(web, "b"), here], links=[link(web, "HAS_ADDRESS", here)])
        revise(store, retired=[here], links_retired=[link(web, "HAS_ADDRESS", here)])

        with store.view() as view:
            assert view.counts() == {"Host": 1, "SoftwarePackage": 2, "links": 0, "revisions": 2}

    # -- what is gone -------------------------------------------------------------------------------

    def test_what_is_retired_is_found_by_its_last_state_as_of_any_revision(self, store: Store) -> None:
        web, db = host("web01"), host("db01")
        nginx = package(web, "nginx")
        revise(store, created=[web, db, nginx])
        newer = changed(nginx, held=True)
        revise(store, updated=[(nginx, newer)])
        revise(store, retired=[newer])
        revise(store, created=[replace(changed(nginx, held=False), born=1)])
        revise(store, retired=[db])

        def gone(at: int | None, *classes: str) -> list[tuple[str, int | None]]:
            with store.view() as view:
                return sorted((i.name, i.until) for i in view.retired(classes or ("Host", "SoftwarePackage"), at))

        assert [gone(at) for at in (1, 2, 3, 4, 5, None)] == [
            [],
            [],
            [("nginx", 3)],
            [],
            [("db01", 5)],
            [("db01", 5)],
        ]
        assert (gone(3, "Host"), gone(None, "SoftwarePackage"), gone(None, "Host")) == ([], [], [("db01", 5)])
        with store.view() as view:
            assert [i.attributes.get("held") for i in view.retired(["SoftwarePackage"], 3)] == [True]
