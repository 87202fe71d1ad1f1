"""CISCO-CDP-MIB."""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.snmp.mibs.cdp_mib import Cache, Global
from collector.snmp.table import rows, scalars
from tests.collector.snmp.recorded import answering, devices


def test_a_neighbour() -> None:
    entry = "1.3.6.1.4.1.9.9.23.1.2.1.1"
    answers = answering(
        (f"{entry}.3/10101.4", 1),
        (f"{entry}.4/10101.4", b"\xc0\0\2\1"),
        (f"{entry}.6/10101.4", b"core1.example.net"),
        (f"{entry}.7/10101.4", b"GigabitEthernet1/0/1"),
        ("1.3.6.1.4.1.9.9.23.1.3.4/0", b"access1"),
    )

    [found] = rows(Cache, answers)

    assert (found.interface, found.device_id, found.port) == (10101, "core1.example.net", "GigabitEthernet1/0/1")
    assert found.address == b"\xc0\0\2\1"
    assert scalars(Global, answers) == Global("access1")


@pytest.mark.shared
def test_neighbours_of_recorded_devices(recordings: Path) -> None:
    tried = 0
    for device in devices(recordings):
        found = device.rows(Cache)
        assert sum(row.device_id is not None for row in found) == device.counted.get("cdpCacheDeviceId", 0), device.name
        for stated in device.stated.get("neighbours", []):
            if stated["protocol"] == "cdp":
                tried += 1
                assert any(
                    row.port == stated["remote_port"] and stated["remote_name"] in {row.device_id, row.system_name}
                    for row in found
                ), (device.name, stated)
    assert tried
