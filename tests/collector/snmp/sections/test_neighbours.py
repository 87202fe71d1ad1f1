"""Neighbours: what is kept as evidence, and the devices that are made of it."""

from __future__ import annotations

from typing import Any

from cmdb.model.classes.adjacency import Adjacency
from collector.snmp.sections import neighbours
from tests.collector.snmp.answers import device, inapplicable, items, ports, told

LLDP = "1.0.8802.1.1.2.1"
CDP = "1.3.6.1.4.1.9.9.23.1.2.1.1"


def lldp(at: int, **cells: Any) -> dict[str, Any]:
    columns = {"subtype": 4, "chassis": 5, "port_subtype": 6, "port": 7, "name": 9}
    return {f"{LLDP}.4.1.1.{columns[n]}.0.{at}.1": v for n, v in cells.items()}


def test_a_neighbour_with_a_mac_is_a_device_by_that_and_its_name_stays_empty() -> None:
    made = device(
        ports("Gi1", "Gi2"),
        lldp(2, subtype=4, chassis=bytes.fromhex("001c73aabb01"), port_subtype=5, port="Ethernet7"),
    )

    found = told(neighbours, made)

    (adjacency,), (seen_device,) = items(found, "Adjacency"), items(found, "NetworkDevice")
    assert (adjacency.local_port, adjacency.chassis, adjacency.port_id) == (
        "Gi2",
        "mac 00:1c:73:aa:bb:01",
        "text Ethernet7",
    )
    assert (adjacency.system_name, seen_device.name) == (None, None)
    assert seen_device.seen_as == "mac 00:1c:73:aa:bb:01"


def test_local_ports_are_known_by_what_they_call_themselves_before_their_number() -> None:
    made = device(
        ports("Gi1", "Gi2"),
        lldp(1, subtype=7, chassis="local", port_subtype=5, port="eth0"),
        {f"{LLDP}.3.7.1.2.1": 5, f"{LLDP}.3.7.1.3.1": "Gi2"},
    )

    (adjacency,) = items(told(neighbours, made), "Adjacency")

    assert (adjacency.local_port, adjacency.neighbour) == ("Gi2", "text local")


def test_what_cdp_says_of_a_neighbour_of_lldp_makes_no_second_device() -> None:
    made = device(
        ports("Gi1"),
        lldp(1, subtype=4, chassis=bytes.fromhex("001c73aabb01"), port_subtype=5, port="Eth1", name="sw2.example.net"),
        {
            f"{CDP}.6.1.1": "sw2(SSI15450J7F)",
            f"{CDP}.7.1.1": "Ethernet1",
            f"{CDP}.8.1.1": "N9K",
            f"{CDP}.9.1.1": b"\0\0\2\x29",
        },
    )

    found = told(neighbours, made)

    assert [(a.protocol, a.system_name, a.serial) for a in items(found, "Adjacency")] == [
        ("cdp", "sw2", "SSI15450J7F"),
        ("lldp", "sw2.example.net", None),
    ]
    assert [d.seen_as for d in items(found, "NetworkDevice")] == ["mac 00:1c:73:aa:bb:01"]


def test_a_phone_is_known_by_the_mac_in_its_name_and_a_name_alone_by_the_port() -> None:
    made = device(ports("Gi1", "Gi2"), {f"{CDP}.6.1.1": "SEP00112233AABB", f"{CDP}.6.2.1": "sw9"})

    assert {d.seen_as for d in items(told(neighbours, made), "NetworkDevice")} == {"mac 00:11:22:33:aa:bb", "port Gi2"}


def test_the_partner_of_an_aggregate_is_evidence_and_no_device() -> None:
    made = device(ports("Gi1"), ("1.2.840.10006.300.43.1.2.1.1.10.1", bytes.fromhex("001c73aabb09")))

    (found,) = told(neighbours, made)

    assert isinstance(found, Adjacency)
    assert (found.protocol, found.chassis) == ("lacp", "mac 00:1c:73:aa:bb:09")


def test_a_device_that_hears_nobody_was_listening_or_not() -> None:
    assert (
        told(neighbours, device(ports("Gi1"), {f"{LLDP}.3.1.0": 4, f"{LLDP}.3.2.0": bytes.fromhex("001c73000001")}))
        == []
    )
    assert "neither LLDP" in inapplicable(neighbours, device(ports("Gi1")))


def test_a_serial_number_stands_in_front_of_the_name_with_catos() -> None:
    made = device(ports("Gi1", "Gi2"), {f"{CDP}.6.1.1": "TBA04510931(core-a)", f"{CDP}.6.2.1": "sw9(BUILDINGTWO)"})

    found = told(neighbours, made)

    assert [(a.system_name, a.serial) for a in items(found, "Adjacency")] == [
        ("core-a", "TBA04510931"),
        ("sw9", "BUILDINGTWO"),
    ]
    assert {d.seen_as for d in items(found, "NetworkDevice")} == {"device cisco/TBA04510931", "port Gi2"}


def test_neighbours_of_tp_link_stand_in_a_table_of_its_own() -> None:
    table = "1.3.6.1.4.1.11863.6.35.1.2.2.1"
    cells = {
        3: "MAC address",
        4: "48:A9:8A:C1:AC:58",
        5: "Interface name",
        6: "eth1",
        9: "ap1",
        12: "Bridge Router ",
        13: "192.0.2.7",
    }
    made = device(
        {"1.3.6.1.2.1.1.2.0": "oid 1.3.6.1.4.1.11863.5.190"},
        ports("gigabitEthernet 1/0/1"),
        {f"{table}.{column}.1.1": text for column, text in cells.items()},
    )

    (found,) = items(told(neighbours, made), "Adjacency")

    assert (found.protocol, found.local_port, found.chassis, found.port_id, found.system_name) == (
        "lldp", "gigabitEthernet 1/0/1", "mac 48:a9:8a:c1:ac:58", "text eth1", "ap1",
    )  # fmt: skip
    assert (found.capabilities, found.addresses) == (["bridge", "router"], ["192.0.2.7"])
