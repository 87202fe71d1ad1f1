"""Retention frees the old past by age and class, says the horizon, and leaves what is held and what documents have."""

from __future__ import annotations

from typing import Any

import pytest

from cmdb import by_hand, holds, merging
from cmdb.model.errors import HorizonError, NotFoundError, UsageError
from cmdb.model.times import SECOND
from cmdb.ports import View
from cmdb.query import as_of, find, history, show
from cmdb.retention import DAY, Run, set_age
from cmdb.retention import show as policies
from cmdb.splitting import split
from tests.cmdb.building import START, Receiver, Reporter, packages, system

DAY_SECONDS = DAY // SECOND


@pytest.fixture
def aged(cmdb: Receiver) -> Receiver:
    """Two hosts whose version changed on the days 0 to 3 and 99; the clock shows day 100."""
    reporters = [Reporter("web"), Reporter("db")]
    for day in (0, 1, 2, 3, 99):
        cmdb.now = day * DAY_SECONDS
        for one in reporters:
            cmdb.take(one.batch(system(one.host, os_version=str(day)), packages("a", version=str(day)), at=cmdb.now))
    cmdb.now = 100 * DAY_SECONDS
    return cmdb


def clock(cmdb: Receiver) -> Any:
    return lambda: START + cmdb.now * SECOND


def age(cmdb: Receiver, days: int | None, class_name: str | None = None) -> dict[str, Any]:
    with cmdb.store.transaction() as tx:
        return set_age(tx, days, class_name, "policy", "me", clock(cmdb), cmdb.random)


def run(cmdb: Receiver, dry_run: bool = False) -> dict[str, Any]:
    return Run(cmdb.store, "me", clock(cmdb), cmdb.random, dry_run).run()


def values(view: View, id_: str) -> list[Any]:
    return [state.attributes.get("os_version") for state in view.history(id_)]


def test_it_is_off_until_an_age_is_set(aged: Receiver) -> None:
    assert run(aged) == {"states": 0, "links": 0, "bytes": 0, "held": 0, "horizons": {}, "dry_run": False}
    with aged.view() as view:
        assert policies(view) == {"ages": [], "horizons": []}


def test_states_older_than_the_age_are_freed_and_the_store_stays_sound(aged: Receiver) -> None:
    host = aged.one("class:Host name:web").id
    natural, head = aged.natural(), aged.head()
    age(aged, 30)

    found = run(aged)

    assert found["states"] == 12  # of two hosts and two packages three each; that of day 3 ended on day 99
    with aged.view() as view:
        assert values(view, host) == [None, None, None, "3", "99"]
        assert [row["kind"] for row in history(view, host)["items"]][:3] == ["created", "horizon", "updated"]
    assert aged.natural() == natural
    assert aged.head() == head + 2
    aged.sound()


def test_a_second_run_finds_nothing_and_makes_no_revision(aged: Receiver) -> None:
    age(aged, 30)
    run(aged)
    head = aged.head()
    assert run(aged)["states"] == 0
    assert aged.head() == head


def test_a_dry_run_counts_the_same_and_changes_nothing(aged: Receiver) -> None:
    age(aged, 30)
    head = aged.head()
    told = run(aged, dry_run=True)
    assert aged.head() == head
    assert {**run(aged), "dry_run": True} == told


def test_a_class_may_have_an_age_of_its_own(aged: Receiver) -> None:
    host = aged.one("class:Host name:web").id
    package = aged.one("class:SoftwarePackage in:" + host).id
    age(aged, 30, "SoftwarePackage")
    found = run(aged)
    assert set(found["horizons"]) == {"SoftwarePackage"}
    with aged.view() as view:
        assert values(view, host) == ["0", "1", "2", "3", "99"]
        assert [bool(s.attributes) for s in view.history(package)] == [False, False, False, True, True]
    aged.sound()


def test_a_question_before_the_horizon_is_refused_and_names_it(aged: Receiver) -> None:
    host = aged.one("class:Host name:web").id
    age(aged, 30)
    reach = run(aged)["horizons"]["*"]
    with aged.view() as view:
        now = START + aged.now * SECOND
        with pytest.raises(HorizonError, match=f"before the horizon.*from revision {reach}"):
            as_of(view, "1", now)
        with pytest.raises(HorizonError, match="before the horizon"):
            as_of(view, "90d ago", now - 9 * DAY)
        assert as_of(view, str(reach), now) == reach
        assert len(find(view, "class:Host", reach)["items"]) == 2
        assert as_of(view, "1", now, whole=False) == 1
        with pytest.raises(HorizonError, match="not kept any more"):
            show(view, host, 1)
        assert show(view, host, reach)["attributes"]["os_version"] == "3"


def test_what_a_hold_keeps_is_not_freed_until_it_is_released(aged: Receiver) -> None:
    web, db = (aged.one(f"class:Host name:{name}").id for name in ("web", "db"))
    age(aged, 30)
    with aged.store.transaction() as tx:
        made = holds.add(tx, "case 7", "class:Host name:web", "a lawsuit", "me", clock(aged), aged.random)
    assert made["name"] == "case 7"

    assert run(aged)["held"] == 6  # the host's own states, and those of its package
    with aged.view() as view:
        assert values(view, web) == ["0", "1", "2", "3", "99"]
        assert values(view, db) == [None, None, None, "3", "99"]
        assert show(view, web, 1)["attributes"]["os_version"] == "0"
        assert [h["name"] for h in holds.registered(view)["items"]] == ["case 7"]

    with aged.store.transaction() as tx:
        holds.release(tx, "case 7", "settled", "me", clock(aged), aged.random)
    assert run(aged)["states"] == 6
    aged.sound()


def test_a_held_host_is_known_by_what_it_was_too(aged: Receiver) -> None:
    aged.take(Reporter("web", sequence=9).batch(system("renamed", os_version="100"), at=aged.now))
    age(aged, 30)
    with aged.store.transaction() as tx:
        holds.add(tx, "case 8", "class:Host name:web", "a lawsuit", "me", clock(aged), aged.random)
    run(aged)
    with aged.view() as view:
        assert values(view, aged.one("class:Host name:renamed").id)[:4] == ["0", "1", "2", "3"]


def test_a_retired_ci_that_was_freed_says_so_and_comes_back_as_itself(cmdb: Receiver) -> None:
    web = Reporter("web")
    cmdb.take(web.batch(system("web"), packages("a", "b")))
    gone = cmdb.one("class:SoftwarePackage name:b").id
    cmdb.now = DAY_SECONDS
    cmdb.take(web.batch(system("web"), packages("a"), at=cmdb.now))
    cmdb.now = 100 * DAY_SECONDS
    age(cmdb, 30)
    assert run(cmdb)["states"] == 1
    with cmdb.view() as view:
        told = show(view, gone)
        assert (told["state"], told["freed"], told["attributes"]) == ("retired", True, {})
    cmdb.take(web.batch(system("web"), packages("a", "b"), at=cmdb.now))
    assert cmdb.one("class:SoftwarePackage name:b").id == gone
    cmdb.sound()


@pytest.mark.parametrize("days", [0, -1, 40_000])
def test_an_age_that_is_none_is_refused(cmdb: Receiver, days: int) -> None:
    with pytest.raises(UsageError, match="days"):
        age(cmdb, days)


def test_an_unknown_class_and_an_age_that_is_not_set_are_refused(cmdb: Receiver) -> None:
    with pytest.raises(UsageError, match="no class"):
        age(cmdb, 30, "Toaster")
    with pytest.raises(NotFoundError, match="No age is set"):
        age(cmdb, None)
    age(cmdb, 30)
    assert age(cmdb, 30)["ages"] == [{"class": None, "days": 30, "since": 1}]
    assert cmdb.head() == 1
    assert age(cmdb, None)["ages"] == []


@pytest.mark.parametrize("held", ["web", "db"])
def test_a_hold_of_a_ci_or_of_one_that_was_merged_into_it_keeps_the_past_of_both(aged: Receiver, held: str) -> None:
    web, db = (aged.one(f"class:Host name:{name}").id for name in ("web", "db"))
    with aged.store.transaction() as tx:
        holds.add(
            tx, "case", f"id:{aged.one(f'class:Host name:{held}').id}", "a lawsuit", "me", clock(aged), aged.random
        )
    merging.merge(aged.store, web, db, "me", "one machine", clock(aged), aged.random)
    with aged.view() as view:
        before = [values(view, id_) for id_ in (web, db)]
    age(aged, 30)

    assert run(aged)["states"] == 0
    with aged.view() as view:
        assert [values(view, id_) for id_ in (web, db)] == before


def test_what_was_freed_does_not_stand_again_empty_by_a_split(aged: Receiver) -> None:
    web, db = (aged.one(f"class:Host name:{name}").id for name in ("web", "db"))
    merging.merge(aged.store, web, db, "me", "one machine", clock(aged), aged.random)
    age(aged, 30)
    aged.now += 100 * DAY_SECONDS
    run(aged)
    before = aged.natural()

    with pytest.raises(HorizonError, match="--source"):
        split(aged.store, db, "me", "two after all", (), clock(aged), aged.random)

    assert aged.natural() == before
    assert split(aged.store, web, "me", "two", ["agent:db"], clock(aged), aged.random)["ci"] == web
    aged.sound()


def test_what_was_freed_does_not_stand_again_empty_by_a_restoration(aged: Receiver) -> None:
    db = aged.one("class:Host name:db").id
    with aged.store.transaction() as tx:
        by_hand.retire(tx, db, "me", "scrapped", clock(aged), aged.random)
    age(aged, 30)
    with aged.view() as view:
        assert by_hand.may_restore(view, view.history(db)[-1])
    aged.now += 100 * DAY_SECONDS
    run(aged)

    with pytest.raises(HorizonError, match="when a source sees it"), aged.store.transaction() as tx:
        by_hand.restore(tx, db, "me", "back", clock(aged), aged.random)

    assert aged.names("class:Host") == ["web"]
    with aged.view() as view:
        assert not by_hand.may_restore(view, view.history(db)[-1])
    again = Reporter("db")
    again.sequence = 9
    aged.take(again.batch(system("db", os_version="9"), at=aged.now))
    assert aged.one("class:Host name:db").attributes["os_version"] == "9"
    aged.sound()
