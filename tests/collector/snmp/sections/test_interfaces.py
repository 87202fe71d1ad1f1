"""Interfaces and their addresses."""

from __future__ import annotations

from collector.snmp.sections import interfaces
from tests.collector.snmp.answers import device, items, ports, told

OLD = "1.3.6.1.2.1.4.20.1"


def held(address: str, index: int, mask: str) -> dict[str, object]:
    return {f"{OLD}.1.{address}": f"ip {address}", f"{OLD}.2.{address}": index, f"{OLD}.3.{address}": f"ip {mask}"}


def test_addresses_of_global_scope_are_items_and_others_stay_at_the_interface() -> None:
    made = device(
        ports("eth0", "lo0"), held("192.0.2.1", 1, "255.255.255.0"), held("127.0.0.1", 2, "255.0.0.0"),
        held("169.254.0.1", 1, "255.255.0.0"), held("198.51.100.7", 1, "0.0.0.0"),
    )  # fmt: skip

    found = told(interfaces, made)

    assert [a.address for a in items(found, "IPAddress")] == ["192.0.2.1", "198.51.100.7"]
    assert [s.prefix for s in items(found, "Subnet")] == ["192.0.2.0/24"]
    assert {(r.type, r.object[1]) for r in items(found, "Relation")} == {
        ("HAS_ADDRESS", "192.0.2.1"),
        ("HAS_ADDRESS", "198.51.100.7"),
        ("IN_SUBNET", "192.0.2.0/24"),
    }
    assert items(found, "NetworkInterface")[0].addresses == ["169.254.0.1/16", "192.0.2.1/24", "198.51.100.7"]


def test_members_of_an_aggregate_have_it_for_their_master() -> None:
    made = device(
        {"1.3.6.1.2.1.2.2.1.3.3": 161},
        ports("Gi1", "Gi2", "Po1"),
        ("1.2.840.10006.300.43.1.2.1.1.13.1", 3),
        ("1.3.6.1.2.1.31.1.2.1.3.3.2", 1),
    )

    found = {i.name: i for i in items(told(interfaces, made), "NetworkInterface")}

    assert (found["Gi1"].master, found["Gi2"].master, found["Po1"].master) == ("Po1", "Po1", None)
    assert found["Po1"].lower == ["Gi1", "Gi2"]


def test_states_and_kinds_are_in_the_words_that_agents_have() -> None:
    made = device({"1.3.6.1.2.1.2.2.1.8.1": 7, "1.3.6.1.2.1.2.2.1.3.2": 53}, ports("Gi1", "Vlan1"))

    first, second = items(told(interfaces, made), "NetworkInterface")

    assert (first.kind, first.enabled, first.link, first.mac) == ("physical", True, "down", "00:1c:73:00:00:01")
    assert (second.kind, second.link) == ("virtual", "up")
