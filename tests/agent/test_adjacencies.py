"""Neighbours as items."""

from __future__ import annotations

import pytest

from agent.adjacencies import Heard, cdp_device_id, cdp_perhaps_serial, id_of, observe
from cmdb.model.classes.adjacency import Adjacency
from cmdb.model.classes.network_device import NetworkDevice


@pytest.mark.parametrize(
    ("subtype", "value", "expected"),
    [
        ("mac", "00:1C:73:00:00:01", "mac 00:1c:73:00:00:01"),
        ("macAddress", "001c.7300.0001", "mac 00:1c:73:00:00:01"),
        ("Mac address", "no MAC", "text no MAC"),
        ("Interface name", "00:1c:73:00:00:01", "text 00:1c:73:00:00:01"),
        ("chassis component", "slot 1", "component slot 1"),
        ("networkAddress", "192.0.2.1", "address 192.0.2.1"),
        ("Locally Assigned", " spine  1 ", "text spine 1"),
        ("mac", "", ""),
    ],
)
def test_an_id_keeps_its_subtype(subtype: str, value: str, expected: str) -> None:
    assert id_of(subtype, value) == expected


def devices(*heard: Heard) -> dict[str, str | None]:
    return {i.seen_as: i.name for i in observe(heard) if isinstance(i, NetworkDevice)}


def names(*heard: Heard) -> list[str | None]:
    return [i.neighbour for i in observe(heard) if isinstance(i, Adjacency)]


def test_a_neighbour_with_a_mac_is_one_device_at_all_ports() -> None:
    one = Heard("lldp", "eth1", chassis="mac 52:54:00:00:00:01", system_name="sw1")
    two = Heard("lldp", "eth2", chassis="mac 52:54:00:00:00:01", system_name="sw1")

    assert devices(one, two) == {"mac 52:54:00:00:00:01": "sw1"}
    assert names(one, two) == ["mac 52:54:00:00:00:01"] * 2


def test_what_cdp_and_lldp_say_at_one_port_is_one_device() -> None:
    lldp = Heard("lldp", "Ethernet1/1", chassis="text spine01", system_name="spine01")
    cdp = Heard("cdp", "Ethernet1/1", system_name="spine01.example.com", platform="N9K", serial="SAL1")

    [device] = [i for i in observe([lldp, cdp]) if isinstance(i, NetworkDevice)]

    assert (device.seen_as, device.product, device.serial) == ("device cisco/SAL1", "N9K", "SAL1")


def test_a_neighbour_whose_serial_number_cdp_tells_is_one_device_at_all_ports() -> None:
    heard = [Heard("cdp", f"Ethernet1/{n}", system_name="spine01", serial="SAL1") for n in (1, 2)]
    other = Heard("cdp", "Ethernet1/3", system_name="spine02", serial="N/A")

    assert devices(*heard, other) == {"device cisco/SAL1": "spine01", "port Ethernet1/3": "spine02"}


def test_several_neighbours_without_a_mac_at_one_port_can_not_be_told_apart_by_it() -> None:
    heard = [Heard("cdp", "mgmt0", system_name=name) for name in ("leaf01", "leaf02")]

    assert devices(*heard) == {}
    assert names(*heard) == ["leaf01", "leaf02"]


def test_two_ports_of_one_neighbour_at_one_port_are_two_adjacencies() -> None:
    heard = [
        Heard("lldp", "eth1", chassis="mac 52:54:00:00:00:01", port_id=f"text swp{n}", system_name="sw") for n in (1, 2)
    ]

    assert names(*heard) == ["mac 52:54:00:00:00:01 text swp1", "mac 52:54:00:00:00:01 text swp2"]


def test_a_partner_of_lacp_is_evidence_and_no_device() -> None:
    heard = Heard("lacp", "eth1", chassis="mac 44:39:39:ff:40:94")

    assert devices(heard) == {}
    assert names(heard) == ["mac 44:39:39:ff:40:94"]


def test_a_neighbour_that_tells_nothing_of_itself_is_left_out() -> None:
    assert names(Heard("lldp", "eth1")) == []


@pytest.mark.parametrize(
    ("id", "name", "serial"),
    [
        ("sw1.example.net(SSI15450J7F)", "sw1.example.net", "SSI15450J7F"),
        ("spine01(9WTLX6IZ9YW)", "spine01", "9WTLX6IZ9YW"),
        ("TBA04510931(core-a)", "core-a", "TBA04510931"),
        ("066510641(core-a)", "core-a", ""),
        ("TBA04510931(DCSWITCH001)", "TBA04510931(DCSWITCH001)", ""),
        ("leaf01(building2)", "leaf01(building2)", ""),
        ("leaf01(BUILDINGTWO)", "leaf01", ""),
        ("sw9", "sw9", ""),
        ("(SSI15450J7F)", "(SSI15450J7F)", ""),
        ("", "", ""),
    ],
)
def test_the_serial_number_in_a_device_id_of_cdp_is_what_looks_like_one(id: str, name: str, serial: str) -> None:
    assert cdp_device_id(id) == (name, serial)


def test_contexts_of_one_chassis_are_known_by_the_port() -> None:
    heard = [
        Heard("cdp", f"Ethernet1/{n}", system_name=name, serial="JAF1419ECAB")
        for n, name in ((1, "core-a"), (2, "core-b"), (3, "core-a.example.net"))
    ]
    other = Heard("cdp", "Ethernet1/4", system_name="leaf", serial="FDO21120002")

    assert devices(*heard, other) == {
        "port Ethernet1/1": "core-a",
        "port Ethernet1/2": "core-b",
        "port Ethernet1/3": "core-a.example.net",
        "device cisco/FDO21120002": "leaf",
    }


@pytest.mark.parametrize(
    ("id", "told"),
    [
        ("leaf01(BUILDINGTWO)", "BUILDINGTWO"),
        ("leaf01(9DOTFROXQMW)", "9DOTFROXQMW"),
        ("spine01(9WTLX6IZ9YW)", ""),
        ("TBA04510931(DCSWITCH001)", ""),
        ("TBA04510931(BUILDINGTWO)", ""),
        ("leaf01(building2)", ""),
        ("sw9", ""),
    ],
)
def test_what_may_be_a_serial_number_or_a_name_is_told_and_identifies_nobody(id: str, told: str) -> None:
    name, serial = cdp_device_id(id)
    heard = Heard("cdp", "Ethernet1/1", system_name=name, serial=serial, perhaps_serial=cdp_perhaps_serial(id))

    (device,) = [i for i in observe([heard]) if isinstance(i, NetworkDevice)]
    assert cdp_perhaps_serial(id) == told
    assert not told or (device.seen_as, device.serial) == ("port Ethernet1/1", None)
    assert [i.serial for i in observe([heard]) if isinstance(i, Adjacency)] == [serial or told or None]
