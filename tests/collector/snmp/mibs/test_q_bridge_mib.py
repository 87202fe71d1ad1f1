"""Q-BRIDGE-MIB."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.fact import Unavailable
from collector.snmp.mibs.bridge_mib import Station
from collector.snmp.mibs.q_bridge_mib import Current, Forwarding, PortVlan, Static, Vlan, stations, vlans
from collector.snmp.mibs.vtp_mib import VtpVlan
from collector.snmp.syntax import listed
from collector.snmp.table import rows
from tests.collector.snmp.recorded import answering, bare, devices


def _set(*numbers: int) -> frozenset[int]:
    return frozenset(numbers)


def test_vlans_have_the_ports_that_are_in_force() -> None:
    static = [Static((1,), "default", listed([1, 2]), listed([1, 2]), 1), Static((20,), "voice", listed([4]), b"", 1),
              Static((30,), "gone", b"", b"", 2)]  # fmt: skip
    current = [
        Current((0, 1), 1, listed([1, 2, 3]), listed([1, 2])),
        Current((0, 40), 4, listed([6]), listed([6])),
        Current((0, 20), 2),
    ]

    assert vlans(static, current) == [
        Vlan(1, "default", _set(3), _set(1, 2)),
        Vlan(20, "voice", _set(4), _set()),
        Vlan(40, None, _set(), _set(6)),
    ]


def test_a_vlan_has_known_ports_alone_however_long_its_list_is() -> None:
    huge = [Static((id,), f"v{id}", b"\xff" * 65_000, b"\xf0", 1) for id in range(1, 1001)]

    found = vlans(huge, [], [2, 7, 300_000])

    assert [each.id for each in found] == list(range(1, 1001))
    assert {(each.tagged, each.untagged) for each in found} == {(_set(7), _set(2))}


def test_more_ports_of_vlans_than_are_kept_are_a_failure_and_no_shorter_list() -> None:
    most = [Static((id,), None, b"\xff" * 8191 + b"\xfe", b"", 1) for id in range(1, 21)]

    with pytest.raises(Unavailable, match="more than 1,000,000"):
        vlans(most, [])
    assert [len(each.tagged) for each in vlans(most[:2], [])] == [65_535] * 2


def test_the_vlan_of_a_station() -> None:
    seen = [Forwarding((7, 0, 28, 115, 0, 0, 1), 5, 3), Forwarding((7, 0, 28, 115, 0, 0, 2), 5, 4)]

    assert stations(seen, [Current((0, 100), 7), Current((0, 200), 8)]) == [Station("00:1c:73:00:00:01", 5, 100)]
    assert stations(seen, [Current((0, 100), 7), Current((0, 200), 7)]) == [Station("00:1c:73:00:00:01", 5, None)]
    assert stations(seen, [Current((0, 100), 1)]) == [Station("00:1c:73:00:00:01", 5, None)]
    assert stations(seen, []) == [Station("00:1c:73:00:00:01", 5, 7)]


def test_vlan_of_untagged_frames() -> None:
    assert rows(PortVlan, answering(("1.3.6.1.2.1.17.7.1.4.5.1.1/3", 100))) == [PortVlan((3,), 100)]


VENDOR = {"jetstream_sg2218p": 6}
"""Devices that have their VLANs in a table of their maker alone, and how many."""


@pytest.mark.shared
def test_vlans_of_recorded_devices(recordings: Path) -> None:
    missing: dict[str, int] = {}
    for device in devices(recordings):
        found = {each.id: each.name for each in vlans(device.rows(Static), device.rows(Current))}
        found.update({row.index[-1]: row.name for row in device.rows(VtpVlan)})
        for stated in device.stated.get("vlans", []):
            # "VLAN 5" is stated of a VLAN 5 without a name.
            if stated["id"] not in found or found[stated["id"]] not in {None, stated.get("name")}:
                missing[device.name] = missing.get(device.name, 0) + 1
    assert missing == VENDOR


@pytest.mark.shared
def test_stations_of_recorded_devices(recordings: Path) -> None:
    for device in devices(recordings):
        rows_there = [row for row in device.rows(Forwarding) if row.port is not None]
        assert len(rows_there) == device.counted.get("dot1qTpFdbPort", len(rows_there)), device.name
        found = {(bare(each.mac), each.vlan) for each in stations(rows_there, device.rows(Current))}
        for stated in device.stated.get("fdb", []):
            assert (stated["mac"], stated["vlan"]) in found, (device.name, stated)
