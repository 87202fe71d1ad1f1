"""BRIDGE-MIB."""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.snmp.mibs.bridge_mib import (
    Base,
    BasePort,
    Forwarding,
    SpanningTree,
    SpanningTreePort,
    Station,
    interfaces,
    stations,
)
from collector.snmp.table import rows, scalars
from tests.collector.snmp.recorded import answering, devices


def test_ports_and_stations() -> None:
    assert interfaces([BasePort((1,), 10101), BasePort((2,), 0)]) == {1: 10101}
    assert stations(
        [
            Forwarding((0, 28, 115, 0, 0, 1), 5, 3),
            Forwarding((0, 28, 115, 0, 0, 2), 0, 3),
            Forwarding((0, 28, 115, 0, 0, 3), 5, 4),
            Forwarding((0, 28, 115), 5, 3),
        ]
    ) == [Station("00:1c:73:00:00:01", 5)]


def test_a_bridge_address_of_zeros_is_none() -> None:
    assert scalars(Base, answering(("1.3.6.1.2.1.17.1.1/0", b"\0\0\0\0\0\0"))) == Base(None)


def test_spanning_tree() -> None:
    root = bytes.fromhex("8000001c73000001")
    answers = answering(
        ("1.3.6.1.2.1.17.2.5/0", root),
        ("1.3.6.1.2.1.17.2.7/0", 3),
        ("1.3.6.1.2.1.17.2.15.1.3/3", 5),
        ("1.3.6.1.2.1.17.2.15.1.8/3", b"short"),
    )

    assert scalars(SpanningTree, answers) == SpanningTree(root, 3)
    assert rows(SpanningTreePort, answers) == [SpanningTreePort((3,), 5, None)]


@pytest.mark.shared
def test_tables_of_recorded_devices(recordings: Path) -> None:
    tried = 0
    for device in devices(recordings):
        assert len(device.rows(BasePort)) == device.counted.get("dot1dBasePortIfIndex", 0), device.name
        found = [row for row in device.rows(Forwarding) if row.port is not None]
        assert len(found) == device.counted.get("dot1dTpFdbPort", len(found)), device.name
        tried += len(stations(found))
    assert tried
