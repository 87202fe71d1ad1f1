"""Finding by discovery state."""

from __future__ import annotations

from typing import Any

import pytest

from cmdb import by_hand
from cmdb.freshness import Freshness
from cmdb.merging import merge
from cmdb.model.errors import UsageError
from cmdb.model.query_language import parse
from cmdb.model.times import SECOND
from cmdb.query import find
from tests.cmdb.building import START, Receiver, Reporter, packages, software, system

DAY = 86_400


def names(cmdb: Receiver, query: str, **how: Any) -> list[str]:
    with cmdb.view() as view:
        return [ci["name"] for ci in find(view, query, **how)["items"]]


@pytest.fixture
def estate(cmdb: Receiver) -> Receiver:
    """A host that nobody has seen for long, one that is seen, one that was scrapped with its packages."""
    for name, said in (("old", ["a", "b"]), ("scrapped", ["c", "d"])):
        cmdb.take(Reporter(name).batch(system(name, os=f"os of {name}"), packages(*said), software("nginx:80")))
    with cmdb.store.transaction() as tx:
        by_hand.retire(tx, cmdb.one("name:scrapped").id, "ann", "scrapped", lambda: START, cmdb.random)
    cmdb.now = 8 * DAY
    cmdb.take(Reporter("new").batch(system("new"), packages("e"), at=8 * DAY))
    Freshness(cmdb.store, "test", lambda: START + cmdb.now * SECOND, cmdb.random).run()
    return cmdb


def test_each_state_has_its_own(estate: Receiver) -> None:
    assert names(estate, "class:Host is:current") == ["new"]
    assert names(estate, "is:stale class:Host") == ["old"]
    assert names(estate, "class:Host is:retired") == ["scrapped"]
    assert names(estate, "class:SoftwarePackage is:stale") == ["a", "b"]
    assert names(estate, "class:SoftwarePackage is:retired") == ["c", "d"]
    assert names(estate, "is:current") == ["new", "e"]
    assert names(estate, "class:Host") == ["new", "old"]


def test_other_terms_hold_too(estate: Receiver) -> None:
    assert names(estate, 'is:retired os:"os of scrapped"') == ["scrapped"]
    assert names(estate, "is:retired -os:x class:SoftwarePackage name:d") == ["d"]
    assert names(estate, "is:stale rel:EXPOSES class:SoftwareInstance") == ["nginx"]
    assert names(estate, "is:stale rel:CONTAINS class:Host") == ["old"]
    assert names(estate, "is:retired rel:CONTAINS") == []


@pytest.mark.parametrize(("query", "total"), [("is:stale", 5), ("is:retired", 5), ("is:current", None)])
def test_pages_follow_each_other_and_hold_everything_once(estate: Receiver, query: str, total: int | None) -> None:
    with estate.view() as view:
        whole = find(view, query)
        paged, cursor = [], None
        while True:
            page = find(view, query, cursor=cursor, limit=2)
            paged += page["items"]
            cursor = page["next"]
            if cursor is None:
                break
        assert paged == whole["items"]
        assert (page["total"], len(whole["items"]) or None) == (total, total or 2)
        assert {ci["state"] for ci in paged} == {query.partition(":")[2]}


def test_as_of_a_revision_the_states_of_then_count(estate: Receiver) -> None:
    assert names(estate, "is:retired class:Host", at=2) == []
    assert names(estate, "is:retired class:Host", at=3) == ["scrapped"]
    assert names(estate, "is:stale class:Host", at=4) == []


@pytest.mark.parametrize("query", ["is:gone", "-is:stale", "is:>stale", "is:stale is:retired", 'is:""'])
def test_what_is_no_state_is_refused(estate: Receiver, query: str) -> None:
    with pytest.raises(UsageError, match="is:"):
        names(estate, query)


def test_a_scope_or_an_edit_can_not_ask_for_a_state() -> None:
    with pytest.raises(UsageError, match="discovery state"):
        parse("class:Host is:stale")


def test_quoted_text_that_looks_like_it_is_text(estate: Receiver) -> None:
    assert names(estate, '"is:stale"') == []


def test_what_was_merged_is_not_gone_and_its_old_id_retires_the_one_that_it_became(estate: Receiver) -> None:
    new, old = estate.one("name:new").id, estate.one("class:Host name:old").id
    merge(estate.store, new, old, "ann", "the same", lambda: START + estate.now * SECOND, estate.random)

    assert names(estate, "is:retired class:Host") == ["scrapped"]
    with estate.store.transaction() as tx:
        done = by_hand.retire(tx, old, "ann", "scrapped too", lambda: START + estate.now * SECOND, estate.random)
    assert done["id"] == new
    assert names(estate, "is:retired class:Host") == ["new", "scrapped"]
    with estate.store.transaction() as tx:
        by_hand.restore(tx, new, "ann", "no", lambda: START + estate.now * SECOND, estate.random)
    assert names(estate, "class:Host") == ["new"]
