"""Cables that forwarding tables give away, and what ends them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cmdb.cabling import Cabling
from cmdb.cabling_evidence import Node, Word
from cmdb.model.values import MAX_STRING_BYTES
from tests.cmdb.fabrics import derived, host, lldp, port, switch, told, why

A = "00:1c:73:00:00:0a"
NIC, NIC2, OTHER = "52:54:00:00:00:01", "52:54:00:00:00:02", "52:54:00:00:00:03"


def shows(name: str, *stations: str, **parts: Any) -> Any:
    return {"name": name, "stations": stations, "station_count": len(stations), **parts}


def leaf(name: str, *ports: dict[str, Any], words: tuple[Word, ...] = ()) -> Node:
    return switch(name, *(port(name, **p) for p in ports), words=words)


def leaf_of_name(name: str, *stations: str) -> Node:
    return replace(leaf("sw", shows(name, *stations)), name=name)


DB = host("db", port("db", "eth0", mac=NIC))
LINK = ("db/eth0", "LINKED_VIA", "sw/Eth1", "inferred")
KEY = ("db/eth0", "sw/Eth1")


def again(made: Cabling, *nodes: Node, **parts: Any) -> Cabling:
    """The next run, where what was inferred stands."""
    before = {(c.subject, c.object): c.evidence for c in made.cables if c.proof == "inferred"}
    return derived(*nodes, before=before, **parts)


def bond(*members: str) -> Node:
    ports = [
        port("db", m, mac=NIC, permanent_mac=f"52:54:00:00:01:0{n}", master="bond0") for n, m in enumerate(members)
    ]
    return host("db", port("db", "bond0", mac=NIC, kind="bond"), *ports)


def test_a_port_with_one_station_leads_to_the_interface_that_it_is() -> None:
    made = derived(leaf("sw", shows("Eth1", NIC)), DB)

    assert told(made) == {LINK}
    assert made.cables[0].evidence == (
        f"sw Eth1 shows one station, {NIC}, which is db eth0; no neighbour protocol speaks there"
    )


def test_a_trunk_an_empty_port_and_an_unknown_station_make_no_link() -> None:
    made = derived(leaf("sw", shows("Eth1", NIC, OTHER), shows("Eth2"), shows("Eth3", NIC2), {"name": "Eth4"}), DB)

    assert told(made) == set()


def test_more_stations_than_are_listed_are_several() -> None:
    assert told(derived(leaf("sw", shows("Eth1", NIC, station_count=90)), DB)) == set()


def test_nothing_is_inferred_where_a_neighbour_protocol_speaks_at_either_end() -> None:
    heard = lldp("Eth1", "text nobody")
    assert told(derived(leaf("sw", shows("Eth1", NIC), words=(heard,)), DB)) == set()

    hears = replace(DB, words=(lldp("eth0", "text nobody"),))
    assert told(derived(leaf("sw", shows("Eth1", NIC)), hears)) == set()


def test_a_neighbour_on_a_member_speaks_for_its_bundle() -> None:
    ports = (shows("Po1", NIC, kind="bond"), {"name": "Eth1", "master": "Po1"}, {"name": "Eth2", "master": "Po1"})

    assert told(derived(leaf("sw", *ports, words=(lldp("Eth2", "text nobody"),)), DB)) == set()


def test_a_station_that_two_have_makes_no_link() -> None:
    assert told(derived(leaf("sw", shows("Eth1", NIC)), DB, host("twin", port("twin", "eth0", mac=NIC)))) == set()


def test_a_station_that_is_alone_at_two_ports_makes_no_link_and_that_is_said() -> None:
    made = derived(leaf("sw", shows("Eth1", NIC)), leaf("up", shows("Eth9", NIC)), DB)

    assert (told(made), why(made)) == (set(), ["it is the only station of several ports: sw Eth1, up Eth9"])


def test_a_switch_that_is_the_station_itself_or_a_plain_host_that_learns_makes_no_link() -> None:
    itself = leaf("sw", shows("Eth1", A), {"name": "Vlan1", "mac": A})
    hypervisor = host("kvm", port("kvm", "vnet0", stations=(NIC,), station_count=1))

    assert told(derived(itself, hypervisor, DB)) == set()


def test_a_bond_is_linked_to_a_port_of_each_switch_and_no_member_is_guessed() -> None:
    made = derived(leaf("l1", shows("Eth1", NIC)), leaf("l2", shows("Eth1", NIC)), bond("eth0", "eth1"))

    assert told(made) == {("db/bond0", "LINKED_VIA", f"{leaf}/Eth1", "inferred") for leaf in ("l1", "l2")}


def test_a_bond_at_more_ports_than_it_has_members_is_not_linked() -> None:
    leaves = [leaf(f"l{n}", shows("Eth1", NIC)) for n in range(3)]

    assert told(derived(*leaves, bond("eth0", "eth1"))) == set()


def test_the_only_member_of_a_bond_at_either_end_is_what_is_plugged_in() -> None:
    ports = (shows("Po1", NIC, kind="bond"), {"name": "Eth1", "master": "Po1"})

    assert told(derived(leaf("sw", *ports), bond("eth0"))) == {LINK}


def test_a_member_that_shows_its_own_mac_is_known_by_it() -> None:
    made = derived(leaf("sw", shows("Eth1", "52:54:00:00:01:01")), bond("eth0", "eth1"))

    assert told(made) == {("db/eth1", "LINKED_VIA", "sw/Eth1", "inferred")}


def test_what_stands_on_an_interface_is_not_what_is_plugged_in() -> None:
    stacked = host("db", port("db", "eth0", mac=NIC), port("db", "br0", mac=NIC, kind="bridge"))

    assert told(derived(leaf("sw", shows("Eth1", NIC)), stacked)) == {LINK}


def test_long_names_are_cut_in_what_is_kept_and_the_link_stands() -> None:
    name, nic = "é" * 2_048, port("db", "é" * 2_048, mac=NIC)
    bridged = (port("db", "br0", kind="bridge"), port("db", "eth1", master="br0"), port("db", "eth2", master="br0"))
    far = host("db", nic, *bridged)

    made = derived(leaf_of_name(name, NIC), far)

    assert len(made.cables) == 1
    assert len(made.cables[0].evidence.encode()) < MAX_STRING_BYTES
    assert again(made, leaf_of_name(name), far).cables == made.cables


def test_a_link_is_shown_on_the_day_on_which_the_table_was_read() -> None:
    made = derived(leaf("sw", shows("Eth1", NIC, read_on=20_000)), DB)

    assert made.shown == {KEY: 20_000}


# -- what stands already ---------------------------------------------------------------------------------------------------


def test_an_entry_that_aged_out_or_a_table_that_was_not_read_ends_no_link() -> None:
    made = derived(leaf("sw", shows("Eth1", NIC)), DB)

    for left in (shows("Eth1"), {"name": "Eth1"}):
        kept = again(made, leaf("sw", left), DB)
        assert (told(kept), kept.shown, kept.ended) == ({LINK}, {}, {})
        assert kept.cables == made.cables


def test_another_station_or_several_end_it() -> None:
    made = derived(leaf("sw", shows("Eth1", NIC)), DB)

    for stations in ((OTHER,), (NIC, OTHER)):
        over = again(made, leaf("sw", shows("Eth1", *stations)), DB)
        assert (told(over), over.ended) == (set(), {KEY: "the port shows another station, or several"})


def test_a_station_that_moved_ends_it() -> None:
    made = derived(leaf("sw", shows("Eth1", NIC), shows("Eth2")), DB)

    moved = again(made, leaf("sw", shows("Eth1"), shows("Eth2", NIC)), DB)

    assert told(moved) == {("db/eth0", "LINKED_VIA", "sw/Eth2", "inferred")}
    assert moved.ended == {KEY: "the station is alone at another port now"}


def test_a_quiet_trunk_that_shows_the_station_too_ends_nothing() -> None:
    own, trunk = leaf("sw", shows("Eth1", NIC)), leaf("up", shows("Eth9", NIC))
    made = derived(own, DB)

    kept = again(made, own, trunk, DB, expired=[KEY])

    assert (kept.cables, kept.shown, kept.ended) == (made.cables, {KEY: None}, {})
    assert why(kept) == ["it is the only station of other ports too: up Eth9; the link to sw Eth1 stands"]
    moved = again(kept, leaf("sw", shows("Eth1")), trunk, DB)
    assert told(moved) == {("db/eth0", "LINKED_VIA", "up/Eth9", "inferred")}
    assert moved.ended == {KEY: "the station is alone at another port now"}


def test_a_bond_keeps_its_ports_where_a_quiet_trunk_shows_it_too() -> None:
    both = [leaf("l1", shows("Eth1", NIC)), leaf("l2", shows("Eth1", NIC))]
    made = derived(*both, bond("eth0", "eth1"))

    kept = again(made, *both, leaf("up", shows("Eth9", NIC)), bond("eth0", "eth1"))

    assert (kept.cables, kept.ended) == (made.cables, {})


def test_a_bond_keeps_the_port_that_aged_out_beside_the_other_one() -> None:
    both = [leaf("l1", shows("Eth1", NIC)), leaf("l2", shows("Eth1", NIC))]
    made = derived(*both, bond("eth0", "eth1"))

    assert told(again(made, both[0], leaf("l2", shows("Eth1")), bond("eth0", "eth1"))) == told(made)


def test_a_neighbour_that_begins_to_speak_ends_it() -> None:
    made = derived(leaf("sw", shows("Eth1", NIC)), DB)

    over = again(made, leaf("sw", shows("Eth1", NIC), words=(lldp("Eth1", "text nobody"),)), DB)

    assert (told(over), over.ended) == (set(), {KEY: "a neighbour protocol speaks there"})


def test_a_port_that_is_gone_ends_it() -> None:
    made = derived(leaf("sw", shows("Eth1", NIC)), DB)

    assert again(made, leaf("sw", shows("Eth2")), DB).ended == {KEY: "one of its ends is gone"}
    assert again(made, DB).ended == {KEY: "one of its ends is gone"}


def test_one_that_was_not_seen_for_long_ends_but_not_while_it_is_shown() -> None:
    made = derived(leaf("sw", shows("Eth1", NIC)), DB)

    over = again(made, leaf("sw", shows("Eth1")), DB, expired=[KEY])
    assert (told(over), over.ended) == (set(), {KEY: "the station was not seen there for long"})
    assert told(again(made, leaf("sw", shows("Eth1", NIC)), DB, expired=[KEY])) == {LINK}
