"""What people and time decide of an estate (old_stores.tell), so that a copy has that too: own attributes, values by hand, a
merge that stays and one that is undone, retirement by hand, and what is stale."""

from __future__ import annotations

from typing import Any

from cmdb import by_hand
from cmdb.attribute_register import declare
from cmdb.edit import Words, edit
from cmdb.freshness import Freshness
from cmdb.merging import merge
from cmdb.ports import Store
from cmdb.splitting import split
from tests.cmdb.building import START, Receiver, Reporter, network, packages, system


def decide(store: Store) -> None:
    """Some of each."""
    site = Receiver(store, "people")
    site.now = 2000
    hands: Any = (lambda: START + site.now * 1_000_000, site.random)
    for name in ("box", "crate", "chest", "trunk"):
        site.take(Reporter(name).batch(system(name), packages("vim", name), network(f"10.0.1.{len(name)}"), at=2000))
    ids = {name: site.one(f"class:Host name:{name}").id for name in ("box", "crate", "chest", "trunk", "web")}
    declare(store, "Host", "cost_center", "string", "Who pays.", "ann", "budget", *hands)
    said = Words({"owner": "ann", "cost_center": "K 12"}, tags=["pci"])
    edit(store, "class:Host name:box", said, "ann", "asked", clock=hands[0], randomness=hands[1])
    merge(store, ids["box"], ids["crate"], "ann", "one machine", *hands)
    merge(store, ids["web"], ids["chest"], "ann", "by mistake", *hands)
    split(store, ids["chest"], "ann", "two machines", (), *hands)
    with store.transaction() as tx:
        by_hand.retire(tx, ids["trunk"], "ann", "sold", *hands)
    site.take(Reporter("crate", sequence=5).batch(packages("vim", "crate", "new"), at=2000))
    site.now = 40 * 86_400
    Freshness(store, "job", *hands).run()
