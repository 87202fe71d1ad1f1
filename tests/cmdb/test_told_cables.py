"""Cables that neighbours tell of."""

from __future__ import annotations

import pytest

from cmdb.cabling_evidence import Node, Word
from tests.cmdb.fabrics import derived, host, links, lldp, port, switch, told, why

A, B, C = "00:1c:73:00:00:0a", "00:1c:73:00:00:0b", "00:1c:73:00:00:0c"
NIC, NIC2 = "52:54:00:00:00:01", "52:54:00:00:00:02"


def pair(a: tuple[Word, ...] = (), b: tuple[Word, ...] = (), **parts: str) -> tuple[Node, Node]:
    """Two switches of two ports each."""
    given = {"mac": A, **parts}
    return (
        switch("a", port("a", "Eth1"), port("a", "Eth2"), words=a, **given),
        switch("b", port("b", "Eth1"), port("b", "Eth2"), words=b, mac=B),
    )


def test_both_ends_confirm_a_cable_and_one_end_is_one_sided() -> None:
    a, b = (lldp("Eth1", f"mac {B}", "text Eth2"),), (lldp("Eth2", f"mac {A}", "text Eth1"),)

    assert links(*pair(a, b)) == {("a/Eth1", "CONNECTS_TO", "b/Eth2", "confirmed")}
    assert links(*pair(a)) == {("a/Eth1", "CONNECTS_TO", "b/Eth2", "one-sided")}
    assert links(*pair((), b)) == {("a/Eth1", "CONNECTS_TO", "b/Eth2", "one-sided")}


def test_evidence_tells_who_said_what_and_which_kinds_of_ids() -> None:
    (cable,) = derived(*pair((lldp("Eth1", f"mac {B}", "text Eth2"),))).cables

    assert cable.evidence == f"a Eth1 by lldp: chassis mac {B}, port text Eth2"


def test_cdp_at_one_end_and_lldp_at_the_other_confirm_each_other() -> None:
    a, b = pair((), (lldp("Eth2", f"mac {A}", "text Eth1"),))
    b = switch("b", *b.ports.values(), identifiers=("device cisco/FOC1",), words=b.words)
    a = switch("a", *a.ports.values(), mac=A, words=(Word("cdp", "Eth1", port_id="text Eth2", serial="FOC1"),))

    assert links(a, b) == {("a/Eth1", "CONNECTS_TO", "b/Eth2", "confirmed")}


def test_a_component_identifies_as_well_as_a_mac() -> None:
    a, b = pair((lldp("Eth1", "component RACK 7", "text Eth2"),))

    assert links(a, switch("b", *b.ports.values(), identifiers=("component RACK 7",))) == {
        ("a/Eth1", "CONNECTS_TO", "b/Eth2", "one-sided")
    }


@pytest.mark.parametrize("chassis", ["text b", "address 192.0.2.1", ""])
def test_a_name_or_an_address_makes_no_link(chassis: str) -> None:
    word = lldp("Eth1", chassis, "text Eth2", system_name="b")

    made = derived(*pair((word,)))

    assert told(made) == set()
    assert why(made) == [f"{chassis or 'b'} identifies nobody that is known"]


def test_two_that_name_each_other_with_each_others_ports_are_linked() -> None:
    a, b = lldp("Eth1", "text b", "text Eth2", system_name="b"), lldp("Eth2", "text a", "text Eth1", system_name="a")

    assert links(*pair((a,), (b,))) == {("a/Eth1", "CONNECTS_TO", "b/Eth2", "confirmed")}


def test_names_are_not_enough_where_the_ports_differ_or_a_name_is_not_the_only_one() -> None:
    a, b = lldp("Eth1", "text b", "text Eth2", system_name="b"), lldp("Eth2", "text a", "text Eth2", system_name="a")
    assert links(*pair((a,), (b,))) == set()

    b = lldp("Eth2", "text a", "text Eth1", system_name="a")
    other = Node("c", "NetworkDevice", "b", (f"chassis {C}",))
    assert links(*pair((a,), (b,)), other) == set()


def test_a_name_confirms_what_the_other_end_proves() -> None:
    a, b = lldp("Eth1", "text b", "text Eth2", system_name="b"), lldp("Eth2", f"mac {A}", "text Eth1")

    assert links(*pair((a,), (b,))) == {("a/Eth1", "CONNECTS_TO", "b/Eth2", "confirmed")}


def test_a_neighbour_without_a_name_never_takes_the_name_of_who_hears_it() -> None:
    a, b = lldp("Eth1", "", "text Eth2"), lldp("Eth2", "", "text Eth1")
    nameless = [Node(n.id, n.class_name, "", n.identifiers, ports=n.ports, words=n.words) for n in pair((a,), (b,))]

    assert links(*nameless) == set()


def test_a_word_whose_port_is_unknown_makes_no_link_but_confirms_that_of_the_other_end() -> None:
    vague, exact = lldp("Eth1", f"mac {B}", "text 0x99"), lldp("Eth2", f"mac {A}", "text Eth1")

    alone = derived(*pair((vague,)))
    assert (told(alone), why(alone)) == (set(), ["b has no port text 0x99"])
    both = derived(*pair((vague,), (exact,)))
    assert (told(both), why(both)) == ({("a/Eth1", "CONNECTS_TO", "b/Eth2", "confirmed")}, [])


def test_ends_that_contradict_each_other_are_two_one_sided_links() -> None:
    a, b = lldp("Eth1", f"mac {B}", "text Eth1"), lldp("Eth2", f"mac {A}", "text Eth1")

    assert links(*pair((a,), (b,))) == {
        ("a/Eth1", "CONNECTS_TO", "b/Eth1", "one-sided"),
        ("a/Eth1", "CONNECTS_TO", "b/Eth2", "one-sided"),
    }


def test_a_chassis_id_that_a_host_claims_too_makes_no_link() -> None:
    liar = host("liar", port("liar", "eth0", mac=B))

    made = derived(*pair((lldp("Eth1", f"mac {B}", "text Eth2"),)), liar)

    assert (told(made), why(made)) == (set(), [f"mac {B} is of 2 items: b, liar"])
    assert links(*pair((lldp("Eth1", f"mac {B}", "text Eth2"),)), shared=(f"chassis {B}",)) == set()


def test_chassis_id_and_serial_number_of_two_devices_make_no_link() -> None:
    other = switch("c", port("c", "Eth2"), identifiers=("device cisco/FOC1",))

    made = derived(*pair((lldp("Eth1", f"mac {B}", "text Eth2", serial="FOC1"),)), other)

    assert told(made) == set()
    assert why(made) == [f"mac {B} is b, and the serial number FOC1 is c"]


def test_a_device_that_is_only_told_of_is_the_end_itself() -> None:
    by_mac = Node("r1", "NetworkDevice", "ap", (f"chassis {C}",), discovered=False)
    by_port = Node("r2", "NetworkDevice", "phone", ("neighbour a/Eth2",), discovered=False)
    words = (lldp("Eth1", f"mac {C}", "text 1"), Word("cdp", "Eth2", system_name="phone", port_id="text Port 1"))

    made = derived(*pair(words), by_mac, by_port)

    assert told(made) == {
        ("a/Eth1", "CONNECTS_TO", "r1", "one-sided"),
        ("a/Eth2", "CONNECTS_TO", "r2", "one-sided"),
    }
    assert {c.owner for c in made.cables} == {"a"}


def test_a_second_protocol_that_only_names_a_known_neighbour_makes_no_second_link() -> None:
    by_port = Node("r", "NetworkDevice", "b", ("neighbour a/Eth1",), discovered=False)
    words = (lldp("Eth1", f"mac {B}", "text Eth2"), Word("cdp", "Eth1", system_name="b", port_id="text Eth2"))

    assert links(*pair(words), by_port) == {("a/Eth1", "CONNECTS_TO", "b/Eth2", "one-sided")}


def test_a_host_is_linked_via_the_port_of_a_switch_whichever_end_tells() -> None:
    by_host = host("db", port("db", "eth0", mac=NIC), words=(lldp("eth0", f"mac {A}", "text Eth1"),))
    by_switch = pair((lldp("Eth1", f"mac {NIC}", f"mac {NIC}"),))

    assert links(by_host, *pair()) == {("db/eth0", "LINKED_VIA", "a/Eth1", "one-sided")}
    assert links(host("db", port("db", "eth0", mac=NIC)), *by_switch) == {
        ("db/eth0", "LINKED_VIA", "a/Eth1", "one-sided")
    }
    assert links(by_host, *by_switch) == {("db/eth0", "LINKED_VIA", "a/Eth1", "confirmed")}


def test_two_hosts_that_are_wired_together_connect_to_each_other() -> None:
    one = host("x", port("x", "eth1", mac=NIC), words=(lldp("eth1", f"mac {NIC2}", f"mac {NIC2}"),))

    assert links(one, host("y", port("y", "eth1", mac=NIC2))) == {("x/eth1", "CONNECTS_TO", "y/eth1", "one-sided")}


def test_several_neighbours_at_one_port_are_said_to_share_a_segment() -> None:
    words = (lldp("Eth1", f"mac {B}", "text Eth1"), lldp("Eth1", f"mac {C}", "text Eth1"))

    made = derived(*pair(words), switch("c", port("c", "Eth1"), mac=C))

    assert [c.segment for c in made.cables] == [True, True]


def test_many_neighbours_at_one_port_are_said_and_make_no_mesh() -> None:
    far = [f"00:1c:73:00:01:{n:02x}" for n in range(17)]
    devices = [switch(f"n{n:02}", port(f"n{n:02}", "mgmt0"), mac=mac) for n, mac in enumerate(far)]
    words = tuple(lldp("Eth1", f"mac {mac}", "text mgmt0") for mac in far)

    assert len(derived(*pair(words[:16]), *devices).cables) == 16
    made = derived(*pair(words), *devices)

    assert (told(made), why(made)) == (
        set(),
        ["17 neighbours tell of themselves there: a segment that many share, and no cable"],
    )


def test_an_unknown_port_of_its_own_is_said() -> None:
    assert why(derived(*pair((lldp("Eth9", f"mac {B}", "text Eth1"),)))) == ["it has no port Eth9"]


# -- LACP ------------------------------------------------------------------------------------------------------------------


def lag(name: str, mac: str, partner: str, members: int = 2) -> Node:
    """A switch with a bundle, each member of which hears a system."""
    ports = [port(name, f"Eth{n}", master="Po1") for n in range(1, members + 1)]
    words = tuple(Word("lacp", p.name, chassis=f"mac {partner}", port_id="text 7") for p in ports)
    return switch(name, port(name, "Po1", kind="bond"), *ports, mac=mac, words=words)


def test_one_member_each_way_is_a_cable() -> None:
    assert links(lag("a", A, B, 1), lag("b", B, A, 1)) == {("a/Eth1", "CONNECTS_TO", "b/Eth1", "confirmed")}


def test_bundles_are_joined_where_lacp_alone_tells_of_several_members() -> None:
    assert links(lag("a", A, B), lag("b", B, A)) == {("a/Po1", "CONNECTS_TO", "b/Po1", "confirmed")}


def test_lacp_confirms_what_lldp_of_the_other_end_tells() -> None:
    b = lag("b", B, A)
    words = tuple(lldp(f"Eth{n}", f"mac {A}", f"text Eth{n}") for n in (1, 2))
    heard = switch("b", *b.ports.values(), mac=B, words=words)

    assert links(lag("a", A, B), heard) == {(f"a/Eth{n}", "CONNECTS_TO", f"b/Eth{n}", "confirmed") for n in (1, 2)}


def test_the_bond_of_a_host_is_linked_to_every_port_that_hears_it() -> None:
    bond = host(
        "db",
        port("db", "bond0", mac=NIC, kind="bond"),
        port("db", "eth0", mac=NIC, permanent_mac=NIC, master="bond0"),
        port("db", "eth1", mac=NIC, permanent_mac=NIC2, master="bond0"),
        words=tuple(Word("lacp", p, chassis="mac 02:01:01:01:01:01") for p in ("eth0", "eth1")),
    )

    made = derived(bond, lag("a", A, NIC, 1), lag("b", B, NIC, 1))

    assert told(made) == {("db/bond0", "LINKED_VIA", f"{s}/Eth1", "one-sided") for s in "ab"}
    assert not any(c.segment for c in made.cables)


def test_a_system_without_a_bundle_of_its_address_makes_no_link() -> None:
    made = derived(lag("a", A, B), *pair()[1:])

    assert (told(made), set(why(made))) == (set(), {"LACP tells no port, and none has this address"})
