"""IF-MIB."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from collector.snmp.mibs.if_mib import Interface, InterfaceMore, Stack, speed_bps, stacked
from tests.collector.snmp.recorded import bare, devices


def _port(speed: int | None) -> Interface:
    return Interface((1,), speed=speed)


@pytest.mark.parametrize(
    ("speed", "high", "expected"),
    [
        (1_000_000_000, 1000, 1_000_000_000),
        (4_294_967_295, 10_000, 10_000_000_000),
        (1_410_065_408, 10_000, 10_000_000_000),
        (0, 25_000, 25_000_000_000),
        (64_000, 0, 64_000),
        (0, 0, None),
        (None, None, None),
        (4_294_967_295, 0, None),
    ],
)
def test_speeds(speed: int | None, high: int | None, expected: int | None) -> None:
    assert speed_bps(_port(speed), InterfaceMore((1,), high_speed=high)) == expected


def test_speed_without_the_newer_table() -> None:
    assert speed_bps(_port(10_000_000), None) == 10_000_000


def test_only_rows_in_force_stand_on_each_other() -> None:
    rows = [Stack((0, 1), 1), Stack((5, 1), 1), Stack((5, 2), None), Stack((6, 3), 2), Stack((1, 0), 1), Stack((7,), 1)]

    assert stacked(rows) == {5: {1, 2}}


OTHERWISE = {
    ("fortigate_60f3g4g", "descr"): "ifDescr is empty in the recording; the expectation repeats ifName",
    ("edgecos_ecs4610-24f", "type"): "33 is rs232, of which we keep the number",
    ("aos6", "name"): "a text over several lines as net-snmp printed it; the expectation drops a blank",
    ("windows_svr_2019_1809", "speed_bps"): "ifSpeed is 1073741824, exact; the expectation took ifHighSpeed, 1073",
}
"""Where we read another value than is stated, and why."""


@pytest.mark.shared
def test_interfaces_of_recorded_devices(recordings: Path) -> None:
    seen = set()
    for device in devices(recordings):
        ports = {row.index[0]: row for row in device.rows(Interface)}
        more = {row.index[0]: row for row in device.rows(InterfaceMore)}
        assert sum(row.description is not None for row in ports.values()) <= device.counted["ifDescr"]
        for stated in device.stated["interfaces"]:
            port, name = ports[stated["ifIndex"]], more.get(stated["ifIndex"])
            found: dict[str, Any] = {
                "name": (name.name if name else None) or port.description,
                "descr": port.description,
                "type": port.kind,
                "mac": bare(port.mac) or "0" * 12,
                "mtu": port.mtu,
                "speed_bps": speed_bps(port, name) or 0,
                "admin": port.admin,
                "oper": port.state,
            }
            for what in found.keys() & stated.keys():
                if found[what] != stated[what]:
                    assert (device.name, what) in OTHERWISE, (stated, found)
                    seen.add((device.name, what))
            # Where ifAlias is empty, ifDescr is stated in its place.
            if name and name.alias:
                assert name.alias.split() == stated["alias"].split()
    assert seen == OTHERWISE.keys()


@pytest.mark.shared
def test_stacks_of_recorded_devices(recordings: Path) -> None:
    """The stated "below" is ifStackHigherLayer: 770, a LAG, stands "below" its port 2 of the row ifStackStatus.770.2."""
    missing: dict[str, int] = {}
    for device in devices(recordings):
        found = stacked(device.rows(Stack))
        for stated in device.stated.get("interface_stack", []):
            if stated["above"] and stated["below"] and stated["above"] not in found.get(stated["below"], ()):
                missing[device.name] = missing.get(device.name, 0) + 1
    # Rows that are notInService or destroyed: nothing stands there.
    assert missing == {"fortigate_60f3g4g": 6}
