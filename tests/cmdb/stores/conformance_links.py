"""Impact over links and aggregates is the same on every store, moved forward and as of any revision."""

from __future__ import annotations

from cmdb.impact import impact
from cmdb.ports import Store
from cmdb.topology import load
from tests.cmdb.cabled import host as host_of
from tests.cmdb.cabled import joined, levels, linked, port
from tests.cmdb.cabled import switch as switch_of
from tests.cmdb.estate import Estate, id_of


class Links:
    def test_a_host_at_two_switches_is_at_risk_and_was_cut_off_when_it_was_at_one(self, store: Store) -> None:
        estate = Estate(store)
        switch_of(estate, "leaf1", "leaf2", "spine")
        host_of(estate, "web", "nginx")
        host_of(estate, "store", "db")
        port(estate, "web bond0", kind="bond", addresses=["10.0.0.7/24"])
        linked(estate, "web eth0", "leaf1 swp1", master="bond0")
        linked(estate, "store eth0", "leaf2 swp2", subnet="10.0.1.7/24")
        joined(estate, "leaf1 up", "spine swp1")
        joined(estate, "leaf2 up", "spine swp2")
        estate.link(id_of("nginx"), "DEPENDS_ON", id_of("db"))
        estate.commit()
        with store.view() as view:
            topology = load(view)
        linked(estate, "web eth1", "leaf2 swp1", master="bond0")
        estate.commit()

        assert levels(estate, "leaf1", topology=topology) == levels(estate, "leaf1")
        assert levels(estate, "leaf1") == {"web": "at_risk", "nginx": "at_risk"}
        assert levels(estate, "leaf1", at=1) == {"web": "outage", "nginx": "outage"}
        assert levels(estate, "spine") == {}
        assert levels(estate, "spine", at=1) == {"nginx": "outage"}
        with store.view() as view:
            assert impact(view, [id_of("leaf2")], topology=topology) == impact(view, [id_of("leaf2")])
