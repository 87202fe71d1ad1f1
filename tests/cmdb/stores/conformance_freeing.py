"""Promises about past states that retention frees: by age and class, page by page; what stays answers as before."""

from __future__ import annotations

from collections.abc import Iterator

from cmdb.chain import verify
from cmdb.model.times import SECOND
from cmdb.ports import Store, View
from cmdb.retention import DAY, Run, set_age
from cmdb.states import Item, Link
from tests.cmdb.building import START, Receiver, Reporter, accounts, network, packages, system

DAY_SECONDS = DAY // SECOND


class Freeing:
    """Needs the fixture `store`, an empty store."""

    def test_past_states_come_page_by_page_by_the_age_of_their_class(self, store: Store) -> None:
        aged(store)
        with store.view() as view:
            newest = view.head().number
            every = list(states(view, {"Host": newest, "SoftwarePackage": newest}))
            assert {s.class_name for s in every} == {"Host", "SoftwarePackage"}
            assert every == sorted(every, key=lambda s: (s.id, s.until))
            assert all(s.until is not None for s in every)
            assert list(states(view, {"Host": 2})) == [
                s for s in every if s.class_name == "Host" and (s.until or 9) <= 2
            ]
            assert view.past_states({}, ("", 0), 10) == []
            links = list(past_links(view, newest))
            assert links
            assert links == sorted(links, key=lambda k: (k.subject, k.type, k.object, k.until))
            assert list(past_links(view, 0)) == []

    def test_what_is_freed_keeps_its_place_and_digest_and_loses_values_and_salt(self, store: Store) -> None:
        aged(store)
        with store.view() as view:
            newest = view.head().number
            old, links = list(states(view, {"Host": newest, "SoftwarePackage": newest})), list(past_links(view, newest))
        with store.transaction() as tx:
            tx.free(old, links)
        with store.view() as view:
            assert list(states(view, {"Host": newest, "SoftwarePackage": newest})) == []
            assert list(past_links(view, newest)) == []
            for state in old:
                found = next(s for s in view.history(state.id) if s.until == state.until)
                assert (found.freed, found.attributes, found.salt) == (True, {}, b"")
                assert (found.digest, found.since, found.key) == (state.digest, state.since, state.key)
                assert (found.witness, found.not_before) == (state.witness, state.not_before)
                assert found.identifiers == (state.identifiers if state.ended == "retired" else [])
            for link in links:
                ended = next(k for k in view.link_history(link.subject) if (k.key, k.until) == (link.key, link.until))
                assert (ended.freed, ended.attributes, ended.digest) == (True, {}, link.digest)
        assert list(store.check()) == []

    def test_a_store_that_was_freed_verifies_and_one_whose_values_vanished_does_not(self, store: Store) -> None:
        cmdb = aged(store)
        with store.transaction() as tx:
            set_age(tx, 30, None, "policy", "me", lambda: START + cmdb.now * SECOND, cmdb.random)
        found = Run(store, "me", lambda: START + cmdb.now * SECOND, cmdb.random).run()
        assert found["states"] > 0
        assert found["links"] > 0
        with store.view() as view:
            assert list(map(str, verify(view))) == []
            left = list(states(view, {"Host": view.head().number}))
        assert left
        with store.transaction() as tx:
            tx.free(left, [])
        with store.view() as view:
            assert any("no retention freed them" in str(damage) for damage in verify(view))


def aged(store: Store) -> Receiver:
    """A store with changes 100 days old, and newer ones; its clock shows the 100th day."""
    cmdb = Receiver(store)
    web = Reporter("web")
    cmdb.take(web.batch(system("web", os="debian"), packages("a", "b"), network("10.0.0.1"), accounts("ann")))
    for day, version in ((1, "2"), (2, "3"), (99, "4")):
        cmdb.now = day * DAY_SECONDS
        cmdb.take(
            web.batch(
                system("web", os="debian", os_version=version),
                packages("a", version=version),
                network(f"10.0.0.{version}"),
                at=cmdb.now,
            )
        )
    cmdb.now = 100 * DAY_SECONDS
    return cmdb


def states(view: View, until: dict[str, int]) -> Iterator[Item]:
    """Past states, two at a time."""
    place = ("", 0)
    while page := view.past_states(until, place, 2):
        yield from page
        place = (page[-1].id, page[-1].until or 0)


def past_links(view: View, until: int) -> Iterator[Link]:
    """Past states of links, of one subject at a time."""
    place = ""
    while page := view.past_links(until, place, 1):
        yield from page
        place = page[-1].subject
