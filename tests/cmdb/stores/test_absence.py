"""What retires, goes stale and comes back does so alike on both stores: the same ids, states and revisions."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cmdb import by_hand
from cmdb.freshness import Freshness
from cmdb.model.times import SECOND
from cmdb.ports import Store
from cmdb.query import find
from cmdb.stores.neo4j_store import Neo4jStore
from tests.cmdb.building import (
    GENESIS,
    START,
    Receiver,
    Reporter,
    depends,
    flows,
    network,
    open_store,
    packages,
    software,
    state,
    system,
)

DAY = 86_400
SAID = (system("web"), packages("a", "b"), network("10.0.0.1"), software("nginx:80"), depends(("10.0.0.2", 5432)))


def story(store: Store) -> list[Any]:
    """Two hosts, one of two sources: flows, silence, a retirement by hand, its undo, and the next reports."""
    cmdb = Receiver(store)
    told: list[Any] = []

    def note(*more: Any) -> None:
        with cmdb.view() as view:
            asked = {q: [ci["id"] for ci in find(view, q)["items"]] for q in ("is:stale", "is:retired", "is:current")}
            told.append((view.head(), state(view), asked, more))

    def clock() -> int:
        return START + cmdb.now * SECOND

    def act(what: str, id_: str) -> None:
        with cmdb.store.transaction() as tx:
            note_of = getattr(by_hand, what)(tx, id_, "ann", "why", clock, cmdb.random)
        note(note_of)

    def refresh(day: float) -> None:
        cmdb.now = int(day * DAY)
        note(Freshness(cmdb.store, "test", clock, cmdb.random).run())

    web, snmp, db = Reporter("web"), Reporter("web", source="snmp", route="snmp"), Reporter("db")
    cmdb.take(web.batch(*SAID))
    cmdb.take(snmp.batch(system("web", os="snmp", kernel="6"), packages("a")))
    cmdb.take(db.batch(system("db"), network("10.0.0.2"), software("postgres:5432", silent=["app"])))
    for at in (0, 120):
        cmdb.now = at
        cmdb.take(db.batch(flows(("app", "10.0.0.1", 80)), at=at))
    note()
    host = cmdb.one("class:Host name:web").id
    act("retire", host)
    act("restore", host)
    cmdb.now = 180
    note(cmdb.take(web.batch(*SAID, at=180)))
    note(cmdb.take(snmp.batch(system("web", os="snmp", kernel="6"), packages("a"), at=180)))
    cmdb.now = 6 * DAY
    note(cmdb.take(snmp.batch(system("web", os="newer", kernel="6"), packages("a"), at=6 * DAY)))
    refresh(8)
    note(cmdb.take(db.batch(system("db"), at=8 * DAY)))
    refresh(31)
    act("retire", cmdb.one("class:SoftwarePackage name:b").id)
    note(cmdb.take(web.batch(*SAID, at=31 * DAY)))
    cmdb.sound()
    return told


@pytest.mark.xdist_group("neo4j")
def test_both_stores_tell_the_same_story(cleared_neo4j: str, tmp_path: Path) -> None:
    with closing(open_store(tmp_path / "cmdb.db")) as store:
        on_sqlite = story(store)
    with closing(Neo4jStore.open(cleared_neo4j, clock=lambda: START, randomness=bytes, genesis=GENESIS)) as other:
        on_neo4j = story(other)

    for place, (one, another) in enumerate(zip(on_sqlite, on_neo4j, strict=True)):
        assert one == another, place
    assert len({head.number for head, *_ in on_sqlite}) > 6
