"""Which port of a device its neighbour means."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.cabling import cabling
from cmdb.cabling_evidence import Estate, Node, Port, PortLookup, Word
from cmdb.far_port import far_port, same_name
from tests.cmdb.fabrics import port, switch

A, B = "00:1c:73:00:00:01", "00:1c:73:00:00:02"


def means(node: Node, port_id: str, description: str = "") -> str:
    found, why = far_port(node, Word("lldp", "x", port_id=port_id, port_description=description))
    assert (found is None) is bool(why)
    return found.name if found is not None else why


def test_a_mac_means_the_port_that_has_it() -> None:
    node = switch("sw", port("sw", "Ethernet1", mac=A), port("sw", "Ethernet2", mac=B))

    assert means(node, f"mac {B}") == "Ethernet2"


def test_a_mac_means_the_port_itself_and_not_what_stands_on_it() -> None:
    node = switch(
        "sw",
        port("sw", "eth0", mac=A),
        port("sw", "eth0.5", mac=A, kind="vlan"),
        port("sw", "br0", mac=A, kind="bridge"),
    )

    assert means(node, f"mac {A}") == "eth0"


def test_members_of_a_bond_are_told_apart_by_the_mac_of_their_hardware() -> None:
    node = switch(
        "sw",
        port("sw", "bond0", mac=A, kind="bond"),
        port("sw", "eth0", mac=A, permanent_mac=A, master="bond0"),
        port("sw", "eth1", mac=A, permanent_mac=B, master="bond0"),
    )

    assert (means(node, f"mac {A}"), means(node, f"mac {B}")) == ("eth0", "eth1")


def test_a_mac_that_all_ports_have_means_none_of_them_unless_the_port_is_described() -> None:
    node = switch("sw", *(port("sw", f"Ethernet{n}", mac=A) for n in (1, 2)))

    assert means(node, f"mac {A}").startswith(f"mac {A} fits 2 ports of sw")
    assert means(node, f"mac {A}", "Ethernet2") == "Ethernet2"


@pytest.mark.parametrize(
    "text", ["GigabitEthernet1/0/3", "Gi1/0/3", "gi1/0/3", "Gig 1/0/3", "unit 1 port 3", "to the cellar"]
)
def test_a_text_means_the_port_with_this_name_description_alias_or_short_form(text: str) -> None:
    ports = [port("sw", f"GigabitEthernet1/0/{n}", description=f"Unit 1 port {n}") for n in (1, 2, 33)]
    third = port("sw", "GigabitEthernet1/0/3", description="Unit 1 port 3", alias="To the cellar")

    assert means(switch("sw", *ports, third), f"text {text}") == "GigabitEthernet1/0/3"


def test_a_name_goes_before_what_somebody_wrote_on_another_port() -> None:
    node = switch("sw", port("sw", "Ethernet1", alias="Ethernet2"), port("sw", "Ethernet2", alias="Ethernet1"))

    assert means(node, "text Ethernet1") == "Ethernet1"


def test_a_text_that_two_ports_have_written_on_them_means_none() -> None:
    node = switch("sw", *(port("sw", f"Ethernet{n}", alias="uplink") for n in (1, 2)))

    assert "fits 2 ports of sw: Ethernet1, Ethernet2" in means(node, "text uplink")


def test_a_short_form_of_two_kinds_of_ports_means_none() -> None:
    node = switch("sw", port("sw", "TenGigabitEthernet1/1"), port("sw", "TwoGigabitEthernet1/1"))

    assert "fits 2 ports" in means(node, "text T1/1")
    assert means(node, "text Te1/1") == "TenGigabitEthernet1/1"


def test_digits_are_a_name_where_a_port_is_called_so_and_else_an_index() -> None:
    named = switch("sw", port("sw", "7", index=107), port("sw", "8", index=7))
    indexed = switch("sw", port("sw", "ge-0/0/1", index=521), port("sw", "ge-0/0/2", index=522))

    assert means(named, "text 7") == "7"
    assert means(indexed, "text 522") == "ge-0/0/2"
    assert means(indexed, "text 523") == "sw has no port text 523"


def test_an_index_and_a_description_that_differ_mean_no_port() -> None:
    node = switch("sw", port("sw", "ge-0/0/1", index=1), port("sw", "ge-0/0/2", index=2))

    assert means(node, "text 2", "ge-0/0/2") == "ge-0/0/2"
    assert means(node, "text 2", "ge-0/0/1") == "text 2 is ge-0/0/2 by its index, and is described as ge-0/0/1"


@pytest.mark.parametrize("port_id", ["address 192.0.2.1", "", "text ", "mac 01:00:5e:00:00:01"])
def test_an_address_or_nothing_tells_no_port(port_id: str) -> None:
    node = switch("sw", port("sw", "Ethernet1"))

    assert "tells no port" in means(node, port_id)


def test_a_description_helps_where_the_port_id_is_no_port() -> None:
    node = switch("sw", port("sw", "Ethernet1"), port("sw", "Ethernet2"))

    assert means(node, "text 0x2a", "Ethernet2") == "Ethernet2"


def test_no_port_is_known_of_a_device_that_is_only_told_of() -> None:
    assert means(switch("sw"), "text Ethernet1") == "no port of sw is known"


def test_a_device_may_call_its_own_port_by_another_of_its_names() -> None:
    node = switch("sw", port("sw", "Gi0/1", description="GigabitEthernet0/1"), port("sw", "Gi0/11"))

    assert [getattr(node.own_port(n), "name", None) for n in ("Gi0/1", "GigabitEthernet0/1", "Gi0/2")] == [
        "Gi0/1",
        "Gi0/1",
        None,
    ]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Eth1/1", "Ethernet1/1", True),
        ("Et1", "Ethernet1", True),
        ("Te 0/1", "TenGigabitEthernet0/1", True),
        ("Po10", "port-channel10", True),
        ("Eth1/1", "Ethernet1/11", False),
        ("Eth1/1", "Ethernet1", False),
        ("Gi0/1", "Te0/1", False),
        ("1/1", "Ethernet1/1", False),
        ("swp", "swp1", False),
        ("", "", False),
    ],
)
def test_two_writings_of_one_name(one: str, other: str, same: bool) -> None:
    assert same_name(one, other) is same_name(other, one) is same


class Counted(dict[str, Port]):
    """Ports that count how often somebody looks at all of them."""

    looked = 0

    def values(self) -> Any:
        self.looked += 1
        return super().values()


def test_however_many_words_there_are_all_ports_are_looked_at_once() -> None:
    ports = Counted({f"Eth{n}": port("sw", f"Eth{n}", mac=A, index=n, alias="uplink") for n in range(50)})
    words = tuple(
        Word("lldp", f"eth {n}", port_id=port_id, port_description=f"ethernet{n}")
        for n in range(50)
        for port_id in (f"text Ethernet{n}", f"mac {A}", f"text {n}", "text nothing", "text uplink")
    )
    node = Node("sw", "NetworkDevice", "sw", ports=ports, words=words)

    found = [(far_port(node, word)[0], node.own_port(word.local_port)) for word in words]

    assert ports.looked == 1
    assert [(far.name if far else "", own.name if own else "") for far, own in found[:5]] == [
        *[("Eth0", "Eth0")] * 4,
        ("", "Eth0"),
    ]
    _ = cabling(Estate([node]))
    assert ports.looked < len(words) / 10


names = st.sampled_from(
    ["e1", "eth1", "Eth 1", "ethernet1", "ethernet2", "et1", "te1", "ten-gig1", "e", "1", "eth1/1", ""]
)


@given(st.lists(st.tuples(names, names, names), max_size=8, unique_by=lambda p: p[0]), names)
def test_a_text_names_what_looking_at_each_port_would_find(given: list[tuple[str, str, str]], text: str) -> None:
    ports = [port("sw", name, description=description, alias=alias) for name, description, alias in given]
    folded = text.casefold()
    ways = [
        [p for p in ports if p.name == text],
        [p for p in ports if p.name.casefold() == folded],
        [p for p in ports if p.description.casefold() == folded],
        [p for p in ports if p.alias.casefold() == folded],
        [p for p in ports if same_name(p.name, text) or same_name(p.description, text)],
    ]
    expected = next((way for way in ways if way), []) if text else []

    assert list(PortLookup(ports).named(text)) == sorted(expected, key=lambda p: p.name)


def test_however_many_stations_and_partners_of_lacp_there_are_all_ports_are_looked_at_once() -> None:
    macs = [f"52:54:00:00:00:{n:02x}" for n in range(50)]
    ports = Counted({f"eth{n}": port("h", f"eth{n}", mac=mac) for n, mac in enumerate(macs)})
    many = Node("h", "Host", "h", tuple(f"port {mac}" for mac in macs), ports=ports)
    shown = [port("sw", f"Eth{n}", stations=(mac,), station_count=1) for n, mac in enumerate(macs)]
    partners = tuple(Word("lacp", f"Po{n}", chassis=f"mac {mac}") for n, mac in enumerate(macs[:25]))
    bundled = [port("sw", f"Po{n}") for n in range(25)]

    made = cabling(Estate([many, switch("sw", *shown, *bundled, words=partners)]))

    assert len(made.cables) == 50
    assert ports.looked < 10
