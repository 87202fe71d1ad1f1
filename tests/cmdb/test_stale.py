"""Which CIs discovery has not seen for longer than their limit, and what ends that. The job is tried in test_freshness.py."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb import stale
from cmdb.freshness import Freshness
from cmdb.model.precedence import PERIODIC
from cmdb.model.times import SECOND, iso
from cmdb.staleness import DAY
from cmdb.states import Scope
from tests.cmdb.building import START, Receiver, Reporter, network, packages, system

ROUTES = sorted({*PERIODIC, "manual", "import"})


def scope(route: str, collected_at: int | None) -> Scope:
    return Scope(
        1, "s", route, "i", "os", "collected", "", "full", 1, ["Host"], [], "", 0, 0, 1, collected_at=collected_at
    )


SCOPES = st.lists(st.builds(scope, st.sampled_from(ROUTES), st.none() | st.integers(0, 2 * START)), max_size=6)


def aged(cmdb: Receiver, days: int) -> None:
    cmdb.now = days * 86_400
    Freshness(cmdb.store, "test", lambda: START + cmdb.now * SECOND, cmdb.random).run()


class TestSeen:
    @given(SCOPES)
    def test_the_last_look_of_any_route_that_looks_again_counts(self, scopes: list[Scope]) -> None:
        looks = [s.collected_at for s in scopes if s.route in PERIODIC and s.collected_at is not None]

        seen = stale.last_seen(scopes)

        assert (seen is None) == (not looks)
        assert all(seen is not None and seen >= look for look in looks)
        assert seen in (*looks, None)

    @given(SCOPES, st.integers(0, 3 * START))
    def test_what_only_people_told_of_is_never_stale(self, scopes: list[Scope], now: int) -> None:
        told = [replace(s, route="manual") for s in scopes]

        assert not stale.is_stale("Host", told, now)

    @pytest.mark.parametrize(("after", "expected"), [(7 * DAY, False), (7 * DAY + 1, True)])
    def test_the_limit_itself_is_not_yet_beyond_it(self, after: int, expected: bool) -> None:
        assert stale.is_stale("Host", [scope("agent", START)], START + after) is expected

    def test_one_look_within_the_limit_is_enough(self) -> None:
        old, new = scope("agent", START), scope("snmp", START + 5 * DAY)

        assert stale.is_stale("Host", [old], START + 8 * DAY)
        assert not stale.is_stale("Host", [old, new], START + 8 * DAY)

    @given(SCOPES, st.integers(0, 3 * START))
    def test_what_is_not_asked_about_is_not_stale(self, scopes: list[Scope], now: int) -> None:
        """The cheap question before the dear one must let nothing through that is stale by it."""
        for identity in (s for s in scopes if s.route in PERIODIC and s.collected_at is not None):
            if not stale.may_be_stale("Host", identity, now):
                assert not stale.is_stale("Host", scopes, now)

    def test_the_entry_says_when_it_was_last_seen(self) -> None:
        made = stale.entry_of("i", [scope("agent", START), scope("manual", START + DAY)])

        assert (made.kind, made.key, made.value) == ("stale", "i", {"last_seen": iso(START)})


class TestStored:
    def test_parts_are_stale_with_their_whole_and_others_are_not(self, cmdb: Receiver) -> None:
        cmdb.take(Reporter("web").batch(system("web"), packages("a")))
        aged(cmdb, 5)
        cmdb.take(Reporter("db").batch(system("db"), packages("b"), at=5 * 86_400))
        aged(cmdb, 8)
        items = cmdb.found("")

        with cmdb.view() as view:
            found = stale.stale_of(view, items)
            before = stale.stale_of(view, items, cmdb.head() - 1)
            assert stale.stale_of(view, []) == set()

        assert {i.name for i in items if i.id in found} == {"web", "a"}
        assert before == set()

    def test_an_address_is_told_of_by_all_who_have_it(self, cmdb: Receiver) -> None:
        web, db = Reporter("web"), Reporter("db")
        cmdb.take(web.batch(system("web"), network("10.0.0.1", "10.0.0.2")))
        cmdb.take(db.batch(system("db"), network("10.0.0.2")))
        host, ids = cmdb.one("class:Host name:web").id, {i.name: i.id for i in cmdb.found("class:IPAddress")}

        with cmdb.store.transaction() as tx:
            found = stale.seen_with(tx, host, tx.scopes(host))
            told = stale.told_by(tx, ids.values())

        assert {item.name for item, _ in found.values()} == {"10.0.0.1", "10.0.0.2"}
        assert {name: {s.source for s in told[id_]} for name, id_ in ids.items()} == {
            "10.0.0.1": {"agent:web"},
            "10.0.0.2": {"agent:web", "agent:db"},
        }
        assert {id_: scopes for id_, (_, scopes) in found.items()} == told

    def test_a_report_of_one_host_makes_no_other_one_current(self, cmdb: Receiver) -> None:
        web, db = Reporter("web"), Reporter("db")
        for reporter in (web, db):
            cmdb.take(reporter.batch(system(reporter.host)))
        aged(cmdb, 8)

        cmdb.take(web.batch(system("web"), at=8 * 86_400))

        with cmdb.view() as view:
            hosts = cmdb.found("class:Host")
            assert {h.name for h in hosts if h.id in stale.stale_of(view, hosts)} == {"db"}
