"""Stations learnt on ports, as readings."""

from __future__ import annotations

from agent.stations import MOST_NAMED, observe
from cmdb.model.classes.network_interface import NetworkInterface


def test_own_addresses_groups_and_gateways_are_no_stations() -> None:
    learnt = [
        ("p1", "52:54:00:00:00:01"),
        ("p1", "52:54:00:00:00:01"),
        ("p1", "52:54:00:00:00:99"),
        ("p1", "01:00:5e:00:00:01"),
        ("p1", "00:00:5e:00:01:0a"),
        ("elsewhere", "52:54:00:00:00:02"),
    ]

    found = list(observe(learnt, {"p1", "p2"}, {"52:54:00:00:00:99"}))

    assert found == [
        NetworkInterface(name="p1", stations=["52:54:00:00:00:01"], station_count=1),
        NetworkInterface(name="p2", stations=[], station_count=0),
    ]


def test_beyond_a_number_stations_are_counted_and_not_named() -> None:
    learnt = [("p1", f"52:54:00:00:01:{n:02x}") for n in range(100)]

    [found] = observe(learnt, {"p1"}, ())

    assert isinstance(found, NetworkInterface)
    assert found.station_count == 100
    assert len(found.stations or []) == MOST_NAMED
