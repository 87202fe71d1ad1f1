"""Nodes found by what their neighbours say of them."""

from __future__ import annotations

from cmdb.cabling_evidence import Estate, Node, Word
from tests.cmdb.fabrics import host, port, switch

A, B = "00:1c:73:00:00:01", "00:1c:73:00:00:02"


def found(estate: Estate, chassis: str) -> str:
    node, why = estate.by_chassis(chassis)
    assert node is None or not why
    return node.id if node is not None else why


def reference(name: str, identifier: str) -> Node:
    return Node(name, "NetworkDevice", name, (identifier,), discovered=False)


def test_a_chassis_id_is_found_among_chassis_bridges_and_ports() -> None:
    estate = Estate([switch("sw", mac=A), Node("br", "NetworkDevice", "br", (f"bridge {B}", "component RACK 7"))])

    assert [found(estate, c) for c in (f"mac {A}", f"mac {B}", "component RACK 7")] == ["sw", "br", "br"]
    assert found(estate, "mac 00:1c:73:00:00:09") == ""


def test_what_is_no_identity_finds_nobody() -> None:
    estate = Estate([switch("sw", mac=A)])

    assert {found(estate, c) for c in ("address 192.0.2.1", "text sw", "", "mac 00:00:00:00:00:00", "component ")} == {
        ""
    }


def test_an_id_of_two_finds_neither_and_says_so() -> None:
    estate = Estate([switch("sw", mac=A), host("liar", port("liar", "eth0", mac=A))])

    assert found(estate, f"mac {A}") == f"mac {A} is of 2 items: liar, sw"


def test_an_id_that_is_known_to_be_shared_finds_nobody() -> None:
    assert "is shared" in found(Estate([switch("sw", mac=A)], [f"chassis {A}"]), f"mac {A}")


def test_who_answers_itself_is_meant_before_who_is_only_told_of() -> None:
    told = reference("told", f"chassis {A}")

    assert found(Estate([told]), f"mac {A}") == "told"
    assert found(Estate([told, Node("sw", "NetworkDevice", "sw", (f"port {A}",))]), f"mac {A}") == "sw"


def test_a_serial_number_is_found_whoever_made_the_device_unless_two_have_it() -> None:
    one, two = (
        Node(n, "NetworkDevice", n, (f"device {maker}/FOC1",)) for n, maker in (("a", "cisco"), ("b", "arista"))
    )

    assert Estate([one]).by_serial("foc1") == (one, "")
    assert Estate([one, two]).by_serial("FOC1") == (None, "several devices have the serial number FOC1")
    assert Estate([one]).by_serial("FOC2") == (None, "")


def test_a_name_is_found_with_or_without_its_domain_where_nobody_else_is_called_so() -> None:
    sw1, long = switch("sw1"), switch("sw2.example.com")
    estate = Estate([sw1, long, switch("sw3.a"), switch("sw3.b"), reference("told", "x y")])

    assert [estate.by_name(n) for n in ("SW1", "sw1.example.com", "sw2", "sw2.example.com.")] == [sw1, sw1, long, long]
    assert [estate.by_name(n) for n in ("sw3", "sw3.a", "told", "", "sw2.elsewhere.org")] == [None] * 5


def test_a_system_of_lacp_is_found_by_the_address_of_a_bond() -> None:
    bond = host("db", port("db", "bond0", mac=A, kind="bond"), identifiers=())

    assert Estate([bond]).by_system(f"mac {A}") == (bond, "")
    assert Estate([bond]).by_system(f"mac {B}") == (None, "")
    twice = host("db2", port("db2", "bond0", mac=A, kind="bond"), identifiers=())
    assert Estate([bond, twice]).by_system(f"mac {A}") == (None, f"mac {A} is the address of ports of 2 items")


def test_a_device_that_only_a_word_tells_of_is_found_by_that_word() -> None:
    sw = switch("sw")
    by_port, by_mac = reference("phone", "neighbour sw/Ethernet1"), reference("ap", f"chassis {A}")
    estate = Estate([sw, by_port, by_mac])

    assert estate.told_of(sw, Word("cdp", "Ethernet1", system_name="phone")) == by_port
    assert estate.told_of(sw, Word("lldp", "Ethernet2", chassis=f"mac {A}")) == by_mac
    assert estate.told_of(sw, Word("cdp", "Ethernet2", system_name="phone")) is None
