"""Stations on the ports of a bridge."""

from __future__ import annotations

import pytest

from collector.snmp.sections import forwarding
from tests.collector.snmp.answers import device, inapplicable, ports, told

BRIDGE = {"1.3.6.1.2.1.17.1.1.0": bytes.fromhex("001c730000ff"), "1.3.6.1.2.1.17.1.4.1.2.7": 2}


def fdb(*macs: str, port: int = 7) -> dict[str, int]:
    return {f"1.3.6.1.2.1.17.4.3.1.2.{'.'.join(str(octet) for octet in bytes.fromhex(mac))}": port for mac in macs}


def test_stations_are_those_of_others_and_stand_at_the_interface_of_the_bridges_port() -> None:
    made = device(
        ports("eth0", "eth1"),
        BRIDGE,
        fdb(
            "525400000001",
            "525400000002",
            "001c73000001",
            "001c730000ff",
            "01005e000001",
            "00005e000101",
            "00000c07ac01",
        ),
    )

    (found,) = told(forwarding, made)

    assert found.name == "eth1"
    assert (found.stations, found.station_count) == (["52:54:00:00:00:01", "52:54:00:00:00:02"], 2)
    assert found.attributes() == {"name": "eth1"}


def test_tables_of_vlans_count_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forwarding, "MOST_STATIONS", 2)
    made = device(
        ports("eth0", "eth1"),
        BRIDGE,
        {f"1.3.6.1.2.1.17.7.1.2.2.1.2.{vlan}.82.84.0.0.0.{n}": 7 for vlan in (1, 20) for n in range(1, 6)},
    )

    (found,) = told(forwarding, made)

    assert (len(found.stations), found.station_count) == (2, 5)


def test_a_bridge_that_has_learnt_nothing_was_asked_all_the_same() -> None:
    assert told(forwarding, device(ports("eth0", "eth1"), BRIDGE)) == []
    assert "no ports of a bridge" in inapplicable(forwarding, device(ports("eth0")))


def test_a_port_that_the_table_gives_no_interface_is_not_guessed_at() -> None:
    base, learnt = "1.3.6.1.2.1.17.1.4.1.2", "1.3.6.1.2.1.17.7.1.2.2.1.2.1.82.84.0.0.0"
    made = device(
        ports(*(f"eth{n}" for n in range(9))),
        {f"{base}.1": 1, f"{base}.5": 0, f"{learnt}.1": 5, f"{learnt}.2": 1, f"{learnt}.3": 9, f"{learnt}.4": 3},
    )

    # 9 is above all of the bridge's ports: the interface of an aggregate.
    assert [(i.name, i.stations) for i in told(forwarding, made)] == [
        ("eth0", ["52:54:00:00:00:02"]),
        ("eth8", ["52:54:00:00:00:03"]),
    ]


def test_a_bridge_that_tells_no_interface_of_its_ports_has_nothing_to_tell() -> None:
    made = device(ports("eth0", "eth1"), {"1.3.6.1.2.1.17.1.4.1.2.1": 0, "1.3.6.1.2.1.17.4.3.1.2.82.84.0.0.0.1": 1})

    assert told(forwarding, made) == []
