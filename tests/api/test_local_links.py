"""Links between ports, derived in a store that this process opened."""

from __future__ import annotations

import pytest

from api.caller import Caller
from api.local_estate import LocalEstate
from cmdb.model.errors import ForbiddenError
from tests.api.routes.test_batches import batch
from tests.baselines.site import Site
from tests.cmdb.building import Receiver, Reporter, system
from tests.cmdb.wired import Site as Fabric
from tests.cmdb.wired import neighbours, ports

A, B = "00:1c:73:00:00:0a", "00:1c:73:00:00:0b"


def told(site: Site) -> None:
    """Two switches, one of which tells of the other."""
    fabric = Fabric(Receiver(site.store, "fabric"))
    fabric.switch(
        "a", A, ports("Eth1"), neighbours({"local_port": "Eth1", "chassis": f"mac {B}", "port_id": "text Eth2"})
    )
    fabric.switch("b", B, ports("Eth2"))


def test_a_run_shows_in_a_dry_run_what_it_does_and_names_its_caller(estate: LocalEstate, site: Site) -> None:
    told(site)
    head = site.head()

    foretold = estate.derive_links(dry_run=True)
    assert (foretold["updated"], site.head()) == (1, head)
    done = estate.of(Caller("ann", ("operator",))).derive_links()

    assert (done["created"], done["links"]["one-sided"], done["revisions"]) == (1, 1, [head + 1])
    with site.store.view() as view:
        made = view.revision(head + 1)
    assert made is not None
    assert (made.actor, made.source, made.cause) == ("ann", "topology", "links derived")


def test_who_only_reads_or_reports_may_not(estate: LocalEstate) -> None:
    for role in ("reader", "agent"):
        with pytest.raises(ForbiddenError):
            estate.of(Caller("joe", (role,))).derive_links()


def test_a_schedule_derives_once_and_then_when_evidence_came_in_whoevers_name(estate: LocalEstate, site: Site) -> None:
    told(site)
    assert (estate.derive_links_when_due() or {})["created"] == 1
    assert estate.derive_links_when_due() is None

    looked = Reporter("web").batch(system("web"), ports("eth0"))
    estate.of(Caller("joe", ("admin",))).submit(looked)

    assert estate.links_due.came
    assert estate.derive_links_of_what_came() is not None
    assert estate.derive_links_of_what_came() is None


def test_what_tells_nothing_of_ports_makes_nothing_due(estate: LocalEstate, site: Site) -> None:
    estate.submit_many([batch(site)])

    assert not estate.links_due.came


def test_batches_that_come_together_count_each(estate: LocalEstate) -> None:
    estate.submit_many([Reporter("web").batch(system("web")), Reporter("db").batch(system("db"), ports("eth0"))])

    assert estate.links_due.came
