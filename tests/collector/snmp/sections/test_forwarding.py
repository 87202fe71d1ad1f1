"""Stations on the ports of a bridge."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from agent.fact import Unavailable
from cmdb.model.classes.network_interface import NetworkInterface
from collector.snmp.identity import identify
from collector.snmp.reading import Reading
from collector.snmp.recording import Recording
from collector.snmp.section import Device
from collector.snmp.sections import forwarding
from collector.snmp.table import Answers, Row, Scalars
from collector.snmp.walk import Failed
from tests.collector.snmp.answers import SYSTEM, device, inapplicable, ports, recording, told

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


class ByVlan:
    """A switch of Cisco's that keeps a table for each VLAN; None where it does not answer."""

    def __init__(self, of_vlan: dict[int, Recording | None], *rows: dict[str, Any]) -> None:
        self.whole, self.of_vlan, self.asked = recording(*rows, SYSTEM), of_vlan, [0]

    def table(self, declared: type[Row]) -> Answers:
        return self.whole.table(declared)

    def scalars(self, *groups: type[Scalars]) -> Answers:
        return self.whole.scalars(*groups)

    def in_vlan(self, vlan: int, tables: Iterable[type[Row]]) -> Answers:
        self.asked.append(vlan)
        found = self.of_vlan[vlan]
        if found is None:
            raise Failed("timeout", "no answer to 3 questions")
        return {oid: cells for table in tables for oid, cells in found.table(table).items()}


IOS = {
    "1.3.6.1.2.1.1.2.0": "oid 1.3.6.1.4.1.9.1.617",
    "1.3.6.1.2.1.1.1.0": "Cisco IOS Software, C3560 Software, Version 12.2(55)SE3",
    **{f"1.3.6.1.4.1.9.9.46.1.3.1.1.{c}.1.{v}": 1 for c in (2, 3) for v in (1, 10, 20)},
    **{f"1.3.6.1.4.1.9.9.46.1.3.1.1.{c}.1.1002": c for c in (2, 3)},
}


def in_vlan(port: int, interface: int, last: int) -> Recording:
    return recording(
        {
            f"1.3.6.1.2.1.17.1.4.1.2.{port}": interface,
            f"1.3.6.1.2.1.17.4.3.1.2.82.84.0.0.0.{last}": port,
            "1.3.6.1.2.1.1.5.0": "x",
        }
    )


def test_each_vlan_of_cisco_has_a_table_of_its_own() -> None:
    switch = ByVlan({1: in_vlan(3, 1, 1), 10: in_vlan(3, 1, 2), 20: in_vlan(5, 2, 3)}, IOS, ports("Gi0/1", "Gi0/2"))
    reading = Reading(switch)

    found = list(forwarding.collect(Device(reading, identify(reading))))

    assert switch.asked == [0, 1, 10, 20]
    assert [(i.name, i.stations) for i in found if isinstance(i, NetworkInterface)] == [
        ("Gi0/1", ["52:54:00:00:00:01", "52:54:00:00:00:02"]),
        ("Gi0/2", ["52:54:00:00:00:03"]),
    ]


def test_a_device_that_does_not_let_itself_be_asked_of_vlans_is_asked_once() -> None:
    switch = ByVlan({1: None}, IOS, ports("Gi0/1"), {"1.3.6.1.2.1.17.1.4.1.2.1": 1})
    reading = Reading(switch)

    assert list(forwarding.collect(Device(reading, identify(reading)))) == []
    assert switch.asked == [0, 1]


def test_one_that_stops_in_the_middle_of_its_vlans_has_failed() -> None:
    reading = Reading(ByVlan({1: in_vlan(3, 1, 1), 10: None}, IOS, ports("Gi0/1")))

    with pytest.raises(Unavailable, match="VLAN 10: no answer"):
        list(forwarding.collect(Device(reading, identify(reading))))
