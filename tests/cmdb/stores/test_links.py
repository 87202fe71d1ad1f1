"""Links are derived, change, end and come back alike on both stores: the same ids, states and revisions."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cmdb import by_hand
from cmdb.merging import merge
from cmdb.ports import Store
from cmdb.splitting import split
from cmdb.stores.neo4j_store import Neo4jStore
from tests.cmdb.building import GENESIS, START, Receiver, open_store, state
from tests.cmdb.wired import Site, forwarding, neighbours, ports

A, B, C = "00:1c:73:00:00:0a", "00:1c:73:00:00:0b", "00:1c:73:00:00:0c"
NIC = "52:54:00:00:00:01"


def story(store: Store) -> list[Any]:
    """Two switches and a server: told of and inferred, retired, merged and split, and the next reports."""
    cmdb = Receiver(store)
    site = Site(cmdb)
    told: list[Any] = []

    def derive(days: int = 0) -> None:
        done = site.derive(days)
        with cmdb.view() as view:
            told.append((done, view.head(), state(view), site.links()))

    def hears(local: str, chassis: str, port: str, **more: Any) -> dict[str, Any]:
        return {"local_port": local, "chassis": f"mac {chassis}", "port_id": f"text {port}", **more}

    hands: Any = (lambda: START + cmdb.now * 1_000_000, cmdb.random)
    site.switch(
        "a", A, ports("Eth1", "Eth2"), neighbours(hears("Eth1", B, "Eth2", seen_as=f"mac {B}")), forwarding(Eth2=[NIC])
    )
    site.host("db", ports("eth0", eth0={"mac": NIC}))
    derive()
    site.switch("b", B, ports("Eth2"), neighbours(hears("Eth2", A, "Eth1")))
    derive()
    derive()
    site.switch("c", C, ports("Eth7"), neighbours(hears("Eth7", B, "Eth2")))
    derive()
    a, c = (cmdb.one(f"class:NetworkDevice name:{n}").id for n in "ac")
    merge(store, a, c, "ann", "one stack", *hands)
    derive()
    split(store, c, "ann", "by mistake", (), *hands)
    derive()
    with store.transaction() as tx:
        by_hand.retire(tx, c, "ann", "sold", *hands)
    derive()
    site.switch("a", A, ports("Eth1", "Eth2"), neighbours(), forwarding(Eth2=[]))
    derive()
    derive(40)
    cmdb.sound()
    return told


@pytest.mark.xdist_group("neo4j")
def test_both_stores_tell_the_same_story(cleared_neo4j: str, tmp_path: Path) -> None:
    with closing(open_store(tmp_path / "links.db")) as store:
        on_sqlite = story(store)
    with closing(Neo4jStore.open(cleared_neo4j, clock=lambda: START, randomness=bytes, genesis=GENESIS)) as other:
        on_neo4j = story(other)

    for place, (one, another) in enumerate(zip(on_sqlite, on_neo4j, strict=True)):
        assert one == another, place
    proofs = [{link[3] for link in row[3]} for row in on_sqlite]
    assert proofs[0] == {"one-sided", "inferred"}
    assert proofs[1] == proofs[2] == {"confirmed", "inferred"}
    assert proofs[-1] == {"one-sided"}
