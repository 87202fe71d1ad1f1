"""A look at a device becomes a batch that the receiver takes."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from agent.fact import Collected, Cost, Failed, Inapplicable, NotApplicable, Unavailable
from cmdb.model.batch import decode
from cmdb.model.classes.adjacency import Adjacency
from cmdb.model.classes.network_device import NetworkDevice
from cmdb.model.classes.network_interface import NetworkInterface
from cmdb.model.declaration import CI, Relation
from cmdb.observation import observed, readings_problem
from collector.device import surveyed
from collector.device.surveyed import Surveyed, batch, section

SEEN = NetworkDevice(seen_as="mac 00:1c:73:00:00:01", name="sw2")


def test_a_device_and_what_it_tells_of_land_as_the_subject_and_a_reference() -> None:
    device = section("device", 1, ("NetworkDevice",), (), lambda: [NetworkDevice(name="sw1", uptime_seconds=5)])
    told = section(
        "neighbours",
        1,
        ("Adjacency", "NetworkDevice"),
        (),
        lambda: [Adjacency(protocol="lldp", local_port="Ethernet1", neighbour="mac 00:1c:73:00:00:01"), SEEN],
        Cost(wall_seconds=0.5),
    )

    made = decode(_batch(Surveyed("NetworkDevice", {"vendor": "Arista", "serials": ["SN1"]}, [device, told])))
    first, second = (observed(s, "NetworkDevice", "snmp", False) for s in made.sections)

    assert made.header.marks == {"vendor": "Arista", "serials": ["SN1"]}
    assert first.items == {("NetworkDevice", "."): {"name": "sw1", "discovered": True}}
    assert second.items[("NetworkDevice", "mac 00:1c:73:00:00:01")] == {"name": "sw2", "discovered": False}
    assert made.sections[1].cost["wall_seconds"] == 0.5


def test_items_of_another_sections_class_bring_their_readings_alone() -> None:
    ports = [NetworkInterface(name="Ethernet1", stations=["52:54:00:00:00:01"], station_count=1)]
    found = section("forwarding", 1, (), (), lambda: ports)

    (line,) = decode(_batch(Surveyed("NetworkDevice", {}, [found]))).sections

    assert json.loads(line.bodies[0] or b"") == {"items": [], "relations": []}
    assert line.readings is not None
    assert not readings_problem(line.readings)
    assert line.readings["items"][0]["key"] == "Ethernet1"


def test_what_goes_wrong_is_a_failed_section_and_never_an_empty_one() -> None:
    def breaks() -> Iterator[CI | Relation]:
        yield NetworkInterface(name="Ethernet1")
        raise KeyError("password=hunter2")

    def unable() -> list[CI | Relation]:
        raise Unavailable("no answer")

    def without() -> list[CI | Relation]:
        raise Inapplicable("no such table")

    outcomes = [section("x", 1, (), (), collect).outcome for collect in (breaks, unable, without, list)]

    assert [type(o) for o in outcomes] == [Failed, Failed, NotApplicable, Collected]
    assert "hunter2" not in str(outcomes[0])


def test_two_items_of_one_key_that_differ_fail_their_section() -> None:
    made = section("x", 1, (), (), lambda: [NetworkInterface(name="a", mtu=1), NetworkInterface(name="a", mtu=2)])

    assert isinstance(made.outcome, Failed)


def test_a_section_without_end_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surveyed, "MOST_ITEMS", 10)

    made = section("x", 1, (), (), lambda: (NetworkInterface(name=str(n)) for n in iter(int, 1)))

    assert isinstance(made.outcome, Failed)
    assert "10" in made.outcome.reason


def _batch(found: Surveyed) -> bytes:
    return batch(found, id="b1", source="sweep", route="snmp", sequence=1, observed_at=1_700_000_000_000_000)
