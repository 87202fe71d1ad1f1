"""Ports, addresses and VLANs as items."""

from __future__ import annotations

from cmdb.model.classes.network_interface import NetworkInterface
from cmdb.model.declaration import Relation
from collector.cli.observed import addressed, listed, mac, members, own_macs, ranges, vlans


def test_macs_in_all_writings() -> None:
    written = ["4401.0201.1b08", "44-01-02-01-1B-08", "44:01:02:01:1b:08", "0000.0000.0000", "4401.0201", None, 7]

    assert [mac(w) for w in written] == ["44:01:02:01:1b:08"] * 3 + [None] * 4


def test_addresses_of_a_device_and_not_those_between_its_parts() -> None:
    found = list(
        addressed(
            [
                NetworkInterface(name="e1", addresses=["192.0.2.1/24", "fe80::1/64", "127.0.0.1/8"]),
                NetworkInterface(name="lo0", addresses=["198.51.100.1/32"]),
                NetworkInterface(name="em1", addresses=["128.0.0.1/2"]),
            ],
            {"em1"},
        )
    )

    assert [(r.type, r.object) for r in found if isinstance(r, Relation)] == [
        ("HAS_ADDRESS", ["IPAddress", "192.0.2.1"]),
        ("IN_SUBNET", ["Subnet", "192.0.2.0/24"]),
        ("HAS_ADDRESS", ["IPAddress", "198.51.100.1"]),
    ]


def test_vlans_and_their_untagged_ports() -> None:
    found = list(vlans({10: "users", 20: ""}, {"e1": 10, "e2": 30}))

    relations = [(r.subject, r.object) for r in found if isinstance(r, Relation)]
    assert relations == [
        (["NetworkInterface", "e1"], ["VLAN", "10"]),
        (["NetworkInterface", "e2"], ["VLAN", "30"]),
    ]
    assert found[0].attributes() == {"vlans": ["10 users", "20"]}  # type: ignore[operator]
    assert list(members([], {})) == []


def test_ranges_and_lists_of_vlans() -> None:
    assert ranges([1, 3, 4, 5, 4094]) == ["1", "3-5", "4094"]
    assert listed("1,3-5,4094") == [1, 3, 4, 5, 4094]
    assert listed("none") == listed("5-3") == listed("1-9999") == []


def test_only_hardware_marks_a_device() -> None:
    shared = NetworkInterface(name="Vlan10", kind="vlan", mac="00:00:00:11:12:10")
    port = NetworkInterface(name="e1", kind="physical", mac="44:01:02:01:1b:08", permanent_mac="44:01:02:01:01:01")

    assert own_macs([shared, port]) == ["44:01:02:01:01:01"]
