"""IP-MIB."""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.snmp.mibs.ip_mib import (
    Address,
    Held,
    Neighbour,
    OldAddress,
    OldIPv6Address,
    OldNeighbour,
    Resolved,
    held,
    resolved,
)
from tests.collector.snmp.recorded import bare, devices

SIX = bytes.fromhex("20010db8000000000000000000000001")
PREFIXES = "1.3.6.1.2.1.4.32.1.5"


def test_addresses_of_all_tables_count_once() -> None:
    old = [OldAddress((192, 0, 2, 1), "192.0.2.1", 3, "255.255.255.128"), OldAddress((0, 0, 0, 0), "0.0.0.0", 1, None)]
    new = [
        Address((1, 4, 192, 0, 2, 1), 3, 1, None),
        Address((2, 16, *SIX), 4, 1, f"{PREFIXES}.4.2.16.{'.'.join(map(str, SIX))}.64"),
        Address((1, 4, 192, 0, 2, 127), 3, 3, None),
    ]

    assert held(old, new) == [Held("192.0.2.1", 3, 25), Held("2001:db8::1", 4, 64)]


@pytest.mark.parametrize(
    ("mask", "length"),
    [("255.255.255.255", 32), ("255.255.252.0", 22), ("0.0.0.0", 0), ("255.0.255.0", None), (None, None)],
)
def test_masks(mask: str | None, length: int | None) -> None:
    assert held([OldAddress((192, 0, 2, 1), "192.0.2.1", 1, mask)], []) == [Held("192.0.2.1", 1, length)]


def test_an_address_without_its_length_in_front_and_one_of_the_oldest_ipv6_table() -> None:
    assert held([], [Address((2, *SIX), 4, 1, None)]) == [Held("2001:db8::1", 4, None)]
    assert held([], [], [OldIPv6Address((7, *SIX), 64, 1)]) == [Held("2001:db8::1", 7, 64)]
    assert held([OldAddress((192, 0, 2, 1), None, 2, None)], []) == [Held("192.0.2.1", 2, None)]


def test_an_index_that_is_no_address_is_left_out() -> None:
    assert (
        held([OldAddress((1, 2), None, 2, None)], [Address((1, 4, 1, 2), 1, 1, None), Address((2, 3), 1, 1, None)])
        == []
    )


def test_what_was_resolved() -> None:
    mac = "00:1c:73:00:00:01"
    old = [OldNeighbour((3, 192, 0, 2, 9), mac, 3), OldNeighbour((3, 192, 0, 2, 8), mac, 2)]
    new = [
        Neighbour((3, 1, 4, 192, 0, 2, 9), mac, 3),
        Neighbour((4, 2, 16, *SIX), mac, 5),
        Neighbour((4, 2, 16, *SIX), mac, 3),
    ]

    assert resolved(old, new) == [Resolved(3, "192.0.2.9", mac), Resolved(4, "2001:db8::1", mac)]


VENDOR = {"jetstream_sg2218p": 5}
"""Devices that have their IPv6 addresses in a table of their maker alone, and how many."""


@pytest.mark.shared
def test_addresses_of_recorded_devices(recordings: Path) -> None:
    missing: dict[str, int] = {}
    for device in devices(recordings):
        found = {
            (each.address, each.interface): each.prefix_length
            for each in held(device.rows(OldAddress), device.rows(Address), device.rows(OldIPv6Address))
        }
        for stated in device.stated.get("addresses", []):
            where = (stated["address"], stated["ifIndex"])
            if where not in found:
                missing[device.name] = missing.get(device.name, 0) + 1
            elif found[where] != stated["prefix"]:
                # Nothing said: stated as 0. A mask of 0.0.0.0 for a loopback: stated as the class of the address.
                assert (found[where], stated["prefix"]) in {(None, 0), (0, 8)}, (device.name, stated)
    assert missing == VENDOR


@pytest.mark.shared
def test_neighbours_of_recorded_devices(recordings: Path) -> None:
    tried = 0
    for device in devices(recordings):
        found = {(each.address, bare(each.mac)) for each in resolved(device.rows(OldNeighbour), device.rows(Neighbour))}
        counted = sum(device.counted.get(name, 0) for name in ("ipNetToMediaPhysAddress", "ipNetToPhysicalPhysAddress"))
        assert len(found) <= counted, device.name
        if counted > 5:
            tried += 1
            assert found, device.name
        for stated in device.stated.get("arp", []):
            assert (stated["address"], stated["mac"]) in found, device.name
    assert tried
