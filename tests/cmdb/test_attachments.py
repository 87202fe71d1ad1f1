"""Who is cut off, who is at risk, when a switch, a port or an interface goes."""

from __future__ import annotations

import pytest

from cmdb.cabling import SEGMENT
from cmdb.model.relationship_types import AGGREGATE, ATTACHMENT, BEHIND
from tests.cmdb.cabled import ask, host, joined, levels, linked, path, port, switch
from tests.cmdb.estate import Estate, empty_estate, id_of


def two_leaves(estate: Estate) -> None:
    switch(estate, "leaf1", "leaf2")
    host(estate, "web", "nginx")


def bonded(estate: Estate) -> None:
    """web hangs at both leaves by a bond of two members."""
    two_leaves(estate)
    port(estate, "web bond0", kind="bond", addresses=["10.0.0.7/24"])
    linked(estate, "web eth0", "leaf1 swp1", master="bond0")
    linked(estate, "web eth1", "leaf2 swp1", master="bond0")
    estate.commit()


def test_a_host_behind_one_switch_is_cut_off_with_it_and_its_software_too() -> None:
    with empty_estate() as estate:
        two_leaves(estate)
        linked(estate, "web eth0", "leaf1 swp1", subnet="10.0.0.7/24")
        estate.commit()

        report = ask(estate, "leaf1")

        assert levels(estate, "leaf1") == {"web": "outage", "nginx": "outage"}
        assert path(report, estate, "web") == ["leaf1", "CONTAINS leaf1 swp1", "LINKED_VIA web eth0", "CONTAINS web"]
        assert next(row for row in report.impacted if row["name"] == "web")["rule"] == ATTACHMENT.backward.text  # type: ignore[union-attr]
        assert next(row for row in report.impacted if row["name"] == "nginx")["rule"] == BEHIND
        assert levels(estate, "leaf2") == {}


def test_a_host_bonded_to_two_switches_is_at_risk_and_cut_off_by_both() -> None:
    with empty_estate() as estate:
        bonded(estate)

        assert levels(estate, "leaf1") == levels(estate, "leaf2") == {"web": "at_risk", "nginx": "at_risk"}
        report = ask(estate, "leaf1")
        assert path(report, estate, "web") == [
            "leaf1",
            "CONTAINS leaf1 swp1",
            "LINKED_VIA web eth0",
            "MEMBER_OF web bond0",
            "CONTAINS web",
        ]
        rules = [step["rule"] for step in next(row for row in report.impacted if row["name"] == "web")["path"]]
        assert rules[-2:] == [AGGREGATE.some.text, ATTACHMENT.some.text]  # type: ignore[union-attr]
        assert levels(estate, "leaf1", down=[id_of("leaf2")]) == {"web": "outage", "nginx": "outage"}
        assert levels(estate, "leaf1", "leaf2") == {"web": "outage", "nginx": "outage"}


def test_the_members_of_a_bond_may_be_told_by_the_bond() -> None:
    with empty_estate() as estate:
        two_leaves(estate)
        port(estate, "web bond0", kind="bond", lower=["eth0", "eth1"])
        linked(estate, "web eth0", "leaf1 swp1")
        linked(estate, "web eth1", "leaf2 swp1")
        estate.commit()

        assert levels(estate, "leaf1")["web"] == "at_risk"


def test_a_bond_that_is_itself_linked_to_two_ports_has_both() -> None:
    with empty_estate() as estate:
        two_leaves(estate)
        linked(estate, "web bond0", "leaf1 swp1", "leaf2 swp1", kind="bond")
        estate.commit()

        assert levels(estate, "leaf1")["web"] == "at_risk"
        assert path(ask(estate, "leaf1"), estate, "web")[2:] == ["LINKED_VIA web bond0", "CONTAINS web"]
        assert levels(estate, "leaf1", "leaf2")["web"] == "outage"
        assert levels(estate, "web bond0") == {"web": "outage", "nginx": "outage"}


def test_a_second_link_of_a_plain_interface_is_no_redundancy() -> None:
    with empty_estate() as estate:
        two_leaves(estate)
        linked(estate, "web eth0", "leaf1 swp1", "leaf2 swp1", subnet="10.0.0.7/24")
        estate.commit()

        assert levels(estate, "leaf1") == levels(estate, "leaf2") == {"web": "outage", "nginx": "outage"}


def test_a_segment_that_several_share_is_no_cable_of_a_host() -> None:
    with empty_estate() as estate:
        two_leaves(estate)
        linked(estate, "web bond0", "leaf1 swp1", kind="bond", subnet="10.0.0.7/24")
        estate.link(id_of("web bond0"), "LINKED_VIA", port(estate, "leaf2 mgmt"), note=SEGMENT)
        estate.commit()

        assert levels(estate, "leaf1")["web"] == "outage"
        assert levels(estate, "leaf2") == {}


def test_two_links_to_the_same_switch_are_no_redundancy_against_it() -> None:
    with empty_estate() as estate:
        two_leaves(estate)
        linked(estate, "web bond0", "leaf1 swp1", "leaf1 swp2", kind="bond")
        estate.commit()

        assert levels(estate, "leaf1")["web"] == "outage"
        assert levels(estate, "leaf1 swp1")["web"] == "at_risk"


def test_a_second_interface_of_another_subnet_is_no_redundancy_one_of_the_same_is() -> None:
    with empty_estate() as estate:
        two_leaves(estate)
        linked(estate, "web eth0", "leaf1 swp1", subnet="10.0.0.7/24")
        linked(estate, "web eth1", "leaf2 swp1", subnet="10.0.1.7/24")
        estate.commit()
        assert levels(estate, "leaf1")["web"] == levels(estate, "leaf2")["web"] == "outage"

        port(estate, "web eth1", addresses=["10.0.0.8/24"])
        estate.commit()
        assert levels(estate, "leaf1")["web"] == levels(estate, "leaf2")["web"] == "at_risk"


@pytest.mark.parametrize(
    "shared", ["fe80::1/64", "169.254.1.1/16", "10.9.9.9/32", "2001:db8::1/128", "nonsense", "10.0.0.1"]
)
def test_what_names_no_subnet_joins_no_interfaces(shared: str) -> None:
    with empty_estate() as estate:
        two_leaves(estate)
        linked(estate, "web eth0", "leaf1 swp1", subnet=shared)
        linked(estate, "web eth1", "leaf2 swp1", subnet=shared)
        estate.commit()

        assert levels(estate, "leaf1")["web"] == "outage"


def test_the_subnet_of_an_interface_is_that_of_what_stands_on_it() -> None:
    with empty_estate() as estate:
        two_leaves(estate)
        port(estate, "web br0", kind="bridge")
        port(estate, "web br0.9", kind="vlan", lower=["br0"], addresses=["10.0.0.7/24"])
        linked(estate, "web eth0", "leaf1 swp1", master="br0")
        linked(estate, "web eth1", "leaf2 swp1", master="br0")
        estate.commit()

        assert levels(estate, "leaf1")["web"] == "at_risk"


def test_an_interface_of_two_subnets_of_which_one_has_no_other_cuts_the_host_off_from_that() -> None:
    with empty_estate() as estate:
        two_leaves(estate)
        linked(estate, "web eth0", "leaf1 swp1", addresses=["10.0.0.7/24", "10.0.5.7/24"])
        linked(estate, "web eth1", "leaf2 swp1", addresses=["10.0.0.8/24"])
        estate.commit()

        assert levels(estate, "leaf1")["web"] == "outage"
        assert levels(estate, "leaf2")["web"] == "at_risk"


def test_an_aggregate_of_a_switch_is_down_with_the_last_of_its_members() -> None:
    with empty_estate() as estate:
        two_leaves(estate)
        port(estate, "leaf1 po1", kind="bond")
        for member in ("leaf1 swp1", "leaf1 swp2"):
            port(estate, member, master="po1")
        port(estate, "web bond0", kind="bond")
        estate.link(id_of("web bond0"), "LINKED_VIA", id_of("leaf1 po1"))
        estate.commit()

        assert levels(estate, "leaf1 swp1")["web"] == "at_risk"
        assert path(ask(estate, "leaf1 swp1"), estate, "web")[:2] == ["leaf1 swp1", "MEMBER_OF leaf1 po1"]
        assert levels(estate, "leaf1 swp1", "leaf1 swp2")["web"] == "outage"
        assert levels(estate, "leaf1")["web"] == "outage"
        assert {r["name"] for r in ask(estate, "leaf1 swp1").impacted if r["class"] == "NetworkInterface"} == {
            "po1",
            "bond0",
        }
        assert {r["name"]: r["level"] for r in ask(estate, "leaf1 po1").impacted}["swp1"] == "outage"


def test_a_bridge_of_a_switch_is_no_aggregate() -> None:
    with empty_estate() as estate:
        two_leaves(estate)
        port(estate, "leaf1 bridge", kind="bridge")
        port(estate, "leaf1 swp1", master="bridge")
        estate.commit()

        assert ask(estate, "leaf1 swp1").impacted == []


def test_an_interface_without_a_link_makes_its_host_suffer_as_before() -> None:
    with empty_estate() as estate:
        bonded(estate)
        port(estate, "web eth9")
        estate.commit()

        assert levels(estate, "web eth9") == {"web": "degraded"}
        assert levels(estate, "web eth0") == {"web": "at_risk", "nginx": "at_risk"}


def test_what_cuts_a_host_off_stops_neither_its_disks_nor_its_other_interfaces() -> None:
    with empty_estate() as estate:
        two_leaves(estate)
        linked(estate, "web eth0", "leaf1 swp1", subnet="10.0.0.7/24")
        linked(estate, "web eth1", "leaf2 swp1", subnet="10.0.1.7/24")
        estate.add("FileSystem", "/", id_of("web"))
        estate.add("Endpoint", "tcp 80", id_of("web"))
        estate.commit()

        hit = {row["name"] for row in ask(estate, "leaf1").impacted}

        assert hit == {"swp1", "eth0", "web", "nginx", "tcp 80"}


def test_a_link_to_a_device_of_which_no_port_is_known_counts() -> None:
    with empty_estate() as estate:
        two_leaves(estate)
        linked(estate, "web eth0", "leaf1", subnet="10.0.0.7/24")
        estate.commit()

        assert path(ask(estate, "leaf1"), estate, "web") == ["leaf1", "LINKED_VIA web eth0", "CONTAINS web"]


def test_a_stack_goes_on_without_a_member_and_that_its_ports_are_not_known_is_said() -> None:
    with empty_estate() as estate:
        bonded(estate)
        estate.add("StackMember", "serial A1", id_of("leaf1"))
        estate.commit()

        report = ask(estate, "serial A1")

        assert [(row["name"], row["level"]) for row in report.impacted] == [("leaf1", "degraded")]
        assert report.notes == [
            "StackMember serial A1: which ports belong to it is not known, so what is plugged into it is not followed."
        ]
        assert {row["class"] for row in ask(estate, "leaf1").impacted} >= {"StackMember"}


def test_a_switch_of_which_no_link_is_known_says_so() -> None:
    with empty_estate() as estate:
        bonded(estate)
        switch(estate, "lonely")
        port(estate, "lonely swp1")
        joined(estate, "leaf1 swp9", "leaf2 swp9")
        estate.commit()

        assert ask(estate, "lonely", "lonely swp1").notes == [
            "NetworkDevice lonely: no link of it is known, so what may be plugged into it is not followed.",
            "NetworkInterface swp1: no link of it is known, so what may be plugged into it is not followed.",
        ]
        assert all("no link" not in note for note in ask(estate, "leaf1").notes)
        assert ask(estate, "web").notes == []


@pytest.mark.parametrize("class_name", ["VLAN", "Adjacency"])
def test_a_vlan_and_what_a_device_says_of_a_neighbour_are_outside(class_name: str) -> None:
    with empty_estate() as estate:
        bonded(estate)
        parent = id_of("leaf1") if class_name == "Adjacency" else None
        estate.add(class_name, "asked", parent)
        estate.commit()

        report = ask(estate, "asked")

        assert report.impacted == []
        assert [(row["class"], row["on"]) for row in report.outside] == [(class_name, parent)]


def test_bonds_that_name_each_other_as_their_master_come_to_an_end() -> None:
    with empty_estate() as estate:
        two_leaves(estate)
        linked(estate, "web bond0", "leaf1 swp1", kind="bond", master="bond1")
        linked(estate, "web bond1", "leaf1 swp2", kind="bond", master="bond0", lower=["bond0", "bond1"])
        estate.commit()

        assert levels(estate, "leaf1")["web"] == "outage"


def test_of_a_host_whose_interfaces_all_stand_on_each_other_each_counts_as_alone() -> None:
    with empty_estate() as estate:
        bonded(estate)
        host(estate, "liar")
        names = [f"eth{n}" for n in range(80)]
        for n, name in enumerate(names):
            below = [names[(n + step) % 80] for step in range(1, 80)]
            linked(estate, f"liar {name}", f"leaf{1 + n % 2} p{n}", subnet=f"10.9.0.{n + 1}/24", lower=below)
        estate.commit()

        assert levels(estate, "leaf1") == {"liar": "outage", "web": "at_risk", "nginx": "at_risk"}
        notes = ask(estate, "leaf1").notes
        assert [note for note in notes if "65,536" in note and note.startswith("Host liar: ")]
        assert not [note for note in notes if "web" in note]


def test_of_a_host_with_too_many_addresses_above_its_interfaces_each_counts_as_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with empty_estate() as estate:
        two_leaves(estate)
        port(estate, "web br0", kind="bridge", addresses=[f"10.0.{n}.7/24" for n in range(20)])
        linked(estate, "web eth0", "leaf1 swp1", master="br0")
        linked(estate, "web eth1", "leaf2 swp1", master="br0")
        estate.commit()
        assert levels(estate, "leaf1")["web"] == "at_risk"

        monkeypatch.setattr("cmdb.attachments.PAIRS", 40)
        assert levels(estate, "leaf1")["web"] == "outage"


def test_as_of_a_time_before_the_second_link_there_was_no_redundancy() -> None:
    with empty_estate() as estate:
        two_leaves(estate)
        linked(estate, "web bond0", "leaf1 swp1", kind="bond")
        estate.commit()
        linked(estate, "web bond0", "leaf2 swp1", kind="bond")
        estate.commit()

        assert levels(estate, "leaf1")["web"] == "at_risk"
        assert levels(estate, "leaf1", at=1)["web"] == "outage"
