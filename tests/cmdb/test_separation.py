"""Which dependencies lose their last path over the network."""

from __future__ import annotations

import itertools

from cmdb.cabling import SEGMENT
from cmdb.impact import BLIND
from cmdb.model.relationship_types import SEPARATION
from cmdb.topology import load
from tests.cmdb.cabled import ask, host, joined, levels, linked, path, port, switch
from tests.cmdb.estate import Estate, empty_estate, id_of


def fabric(estate: Estate, *spines: str) -> None:
    """shop at leaf1 needs db at leaf2; the leaves are joined over the spines."""
    switch(estate, "leaf1", "leaf2", *spines)
    host(estate, "app", "shop")
    host(estate, "store", "db")
    linked(estate, "app eth0", "leaf1 swp1", subnet="10.0.1.1/24")
    linked(estate, "store eth0", "leaf2 swp1", subnet="10.0.2.1/24")
    for number, spine in enumerate(spines):
        joined(estate, f"leaf1 up{number}", f"{spine} swp1")
        joined(estate, f"leaf2 up{number}", f"{spine} swp2")
    estate.link(id_of("shop"), "DEPENDS_ON", id_of("db"))
    estate.commit()


def test_a_consumer_is_hit_when_the_only_switch_between_goes() -> None:
    with empty_estate() as estate:
        fabric(estate, "spine1")

        report = ask(estate, "spine1")

        assert levels(estate, "spine1") == {"shop": "outage"}
        assert path(report, estate, "shop") == ["spine1", "DEPENDS_ON shop"]
        assert next(row for row in report.impacted if row["name"] == "shop")["rule"] == SEPARATION
        assert report.notes == [BLIND]


def test_where_another_path_is_left_nothing_is_said_until_that_goes_too() -> None:
    with empty_estate() as estate:
        fabric(estate, "spine1", "spine2")

        assert levels(estate, "spine1") == levels(estate, "spine2") == {}
        assert ask(estate, "spine1").notes == [BLIND]
        assert levels(estate, "spine1", down=[id_of("spine2")]) == {"shop": "outage"}


def test_a_port_between_two_switches_is_the_cause_where_it_alone_is_down() -> None:
    with empty_estate() as estate:
        fabric(estate, "spine1")

        assert path(ask(estate, "spine1 swp2"), estate, "shop") == ["spine1 swp2", "DEPENDS_ON shop"]
        assert path(ask(estate, "leaf2 up0"), estate, "shop") == ["leaf2 up0", "DEPENDS_ON shop"]


def test_the_level_is_that_of_the_relation() -> None:
    with empty_estate() as estate:
        fabric(estate, "spine1")
        estate.link(id_of("shop"), "DEPENDS_ON", id_of("db"), strength="soft")
        estate.commit()
        assert levels(estate, "spine1") == {"shop": "degraded"}

        estate.unlink((id_of("shop"), "DEPENDS_ON", id_of("db")))
        estate.add("Endpoint", "tcp 5432", id_of("store"))
        estate.link(id_of("shop"), "TALKS_TO", id_of("tcp 5432"))
        estate.commit()
        assert levels(estate, "spine1") == {"shop": "possible"}


def test_what_depends_on_what_is_separated_follows() -> None:
    with empty_estate() as estate:
        fabric(estate, "spine1")
        host(estate, "edge", "proxy")
        estate.link(id_of("proxy"), "DEPENDS_ON", id_of("shop"))
        estate.commit()

        assert path(ask(estate, "spine1"), estate, "proxy") == ["spine1", "DEPENDS_ON shop", "DEPENDS_ON proxy"]


def test_of_a_host_whose_links_are_not_known_nothing_is_claimed() -> None:
    with empty_estate() as estate:
        fabric(estate, "spine1")
        host(estate, "elsewhere", "batch")
        estate.link(id_of("batch"), "DEPENDS_ON", id_of("db"))
        estate.link(id_of("db"), "DEPENDS_ON", id_of("batch"))
        estate.commit()

        assert levels(estate, "spine1") == {"shop": "outage"}


def test_who_was_not_joined_before_is_not_separated() -> None:
    with empty_estate() as estate:
        fabric(estate)  # no spine: the leaves are two islands
        switch(estate, "other")
        joined(estate, "leaf1 up0", "other swp1")
        estate.commit()

        assert levels(estate, "other") == {}


def test_a_provider_that_is_itself_down_is_no_matter_of_paths() -> None:
    with empty_estate() as estate:
        fabric(estate, "spine1")

        assert path(ask(estate, "store"), estate, "shop") == ["store", "RUNS_ON db", "DEPENDS_ON shop"]


def test_software_that_goes_leaves_the_network_as_it_is() -> None:
    with empty_estate() as estate:
        fabric(estate, "spine1")

        assert ask(estate, "db").notes == []


def test_links_over_an_aggregate_are_lost_with_the_last_of_its_members() -> None:
    with empty_estate() as estate:
        fabric(estate)
        for leaf in ("leaf1", "leaf2"):
            port(estate, f"{leaf} po1", kind="bond")
            for member in ("m1", "m2"):
                port(estate, f"{leaf} {member}", master="po1")
        estate.link(id_of("leaf1 po1"), "CONNECTS_TO", id_of("leaf2 po1"))
        estate.commit()

        assert levels(estate, "leaf1 m1") == {}
        assert levels(estate, "leaf1 m1", "leaf1 m2") == {"shop": "outage"}


def test_a_segment_that_several_share_is_no_path() -> None:
    with empty_estate() as estate:
        fabric(estate, "spine1")
        estate.link(port(estate, "leaf1 mgmt"), "CONNECTS_TO", port(estate, "leaf2 mgmt"), note=SEGMENT)
        estate.commit()
        with estate.store.view() as view:
            known = load(view)
        assert levels(estate, "spine1") == {"shop": "outage"}

        estate.link(id_of("leaf1 mgmt"), "CONNECTS_TO", id_of("leaf2 mgmt"))
        estate.commit()
        assert levels(estate, "spine1") == levels(estate, "spine1", topology=known) == {}


def test_long_chains_of_switches_are_joined_to_their_ends() -> None:
    with empty_estate() as estate:
        fabric(estate)
        chain = ["leaf1", *(f"hop{number}" for number in range(60)), "leaf2"]
        switch(estate, *chain[1:-1])
        for one, other in itertools.pairwise(chain):
            joined(estate, f"{one} right", f"{other} left")
        estate.commit()

        assert levels(estate, "hop31") == {"shop": "outage"}


def test_a_host_at_two_switches_passes_nothing_on_between_them() -> None:
    with empty_estate() as estate:
        fabric(estate, "spine1")
        host(estate, "dual", "both")
        linked(estate, "dual eth0", "leaf1 swp9", subnet="10.0.1.9/24")
        linked(estate, "dual eth1", "leaf2 swp9", subnet="10.0.2.9/24")
        estate.link(id_of("both"), "DEPENDS_ON", id_of("db"))
        estate.commit()

        assert levels(estate, "spine1") == {"shop": "outage"}


def test_a_host_that_hangs_at_two_switches_is_met_at_either() -> None:
    with empty_estate() as estate:
        fabric(estate, "spine1")
        port(estate, "app bond0", kind="bond", addresses=["10.0.1.1/24"])
        linked(estate, "app eth0", "leaf1 swp1", master="bond0")
        linked(estate, "app eth1", "leaf2 swp2", master="bond0")
        estate.commit()

        assert levels(estate, "spine1") == {}
        assert levels(estate, "app eth1")["shop"] == "at_risk"
        assert levels(estate, "spine1", "leaf2 swp2")["shop"] == "outage"


def test_a_host_that_is_wired_as_a_switch_passes_on() -> None:
    with empty_estate() as estate:
        fabric(estate, "spine1")
        host(estate, "cumulus")
        joined(estate, "leaf1 up9", "cumulus swp1")
        joined(estate, "leaf2 up9", "cumulus swp2")
        estate.commit()

        assert levels(estate, "spine1") == {}
        assert levels(estate, "spine1", "cumulus")["shop"] == "outage"


def test_hosts_that_are_wired_to_each_other_are_still_at_their_switches() -> None:
    with empty_estate() as estate:
        fabric(estate, "spine1")
        joined(estate, "app eth7", "store eth7")
        host(estate, "third", "other")
        linked(estate, "third eth0", "leaf2 swp7", subnet="10.0.2.7/24")
        estate.link(id_of("other"), "DEPENDS_ON", id_of("shop"))
        estate.commit()

        assert levels(estate, "spine1") == {"other": "outage"}
