"""LLDP-MIB and LLDP-V2-MIB."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.snmp.mibs.lldp_mib import (
    GROUPS,
    MOST_MANAGEMENT,
    TABLES,
    Identifier,
    Neighbour,
    chassis_id,
    neighbours,
    own,
    port_id,
)
from collector.snmp.syntax import Value
from tests.collector.snmp.recorded import answering, devices, written

ONE, TWO = "1.0.8802.1.1.2.1", "1.3.111.2.802.1.1.13.1"
MAC = bytes.fromhex("001c73000001")


def test_a_neighbour_by_version_1() -> None:
    answers = answering(
        (f"{ONE}.4.1.1.4/0.7.1", 4),
        (f"{ONE}.4.1.1.5/0.7.1", MAC),
        (f"{ONE}.4.1.1.6/0.7.1", 5),
        (f"{ONE}.4.1.1.7/0.7.1", b"Ethernet1"),
        (f"{ONE}.4.1.1.9/0.7.1", b"leaf1"),
        (f"{ONE}.4.1.1.12/0.7.1", b"\x28\x00"),
        (f"{ONE}.4.2.1.3/0.7.1.1.4.192.0.2.1", 2),
        (f"{ONE}.4.2.1.3/0.7.1.6.6.0.28.115.0.0.1", 2),
        (f"{ONE}.4.2.1.3/0.8.1.1.4.192.0.2.2", 2),
    )

    assert neighbours(answers) == [
        Neighbour(
            7,
            False,
            Identifier("mac", "00:1c:73:00:00:01"),
            Identifier("text", "Ethernet1"),
            None,
            "leaf1",
            None,
            ("bridge", "router"),
            ("192.0.2.1",),
        )
    ]


def test_a_neighbour_keeps_the_first_of_many_management_addresses() -> None:
    told = {f"0.7.1.1.4.10.0.{n // 250}.{n % 250}": 2 for n in range(5000)} | {"0.8.1.1.4.192.0.2.2": 2}
    answers: dict[str, dict[str, Value]] = {
        f"{ONE}.4.1.1.9": {"0.7.1": b"leaf1", "0.8.1": b"leaf2"},
        f"{ONE}.4.2.1.3": {**told},
    }

    many, one = neighbours(answers)

    assert many.management == tuple(f"10.0.0.{n}" for n in range(MOST_MANAGEMENT))
    assert one.management == ("192.0.2.2",)


def test_version_2_only_adds() -> None:
    answers = answering(
        (f"{ONE}.4.1.1.4/0.7.1", 4),
        (f"{ONE}.4.1.1.5/0.7.1", MAC),
        (f"{ONE}.4.1.1.6/0.7.1", 5),
        (f"{ONE}.4.1.1.7/0.7.1", b"Ethernet1"),
        *[
            cell
            for at, port in (("0.10101.1.1", b"Ethernet1"), ("0.10102.1.1", b"Ethernet2"))
            for cell in (
                (f"{TWO}.4.1.1.5/{at}", 4),
                (f"{TWO}.4.1.1.6/{at}", MAC),
                (f"{TWO}.4.1.1.7/{at}", 5),
                (f"{TWO}.4.1.1.8/{at}", port),
            )
        ],
    )

    found = neighbours(answers)

    assert [(each.port_number, each.by_index, each.port) for each in found] == [
        (7, False, Identifier("text", "Ethernet1")),
        (10102, True, Identifier("text", "Ethernet2")),
    ]


@pytest.mark.parametrize(
    ("subtype", "id", "expected"),
    [
        (4, MAC, Identifier("mac", "00:1c:73:00:00:01")),
        (4, b"\0\0\0\0\0\0", None),
        (4, b"\1\2", None),
        (5, b"\1\xc0\0\2\1", Identifier("address", "192.0.2.1")),
        (5, b"\6\0\x1c\x73", None),
        (1, b"SN123", Identifier("component", "SN123")),
        (7, b"core", Identifier("text", "core")),
        (None, None, None),
    ],
)
def test_chassis_ids(subtype: int | None, id: bytes | None, expected: Identifier | None) -> None:
    assert chassis_id(subtype, id) == expected


@pytest.mark.parametrize(
    ("subtype", "id", "expected"),
    [
        (3, MAC, Identifier("mac", "00:1c:73:00:00:01")),
        (3, b"eth0", Identifier("text", "eth0")),
        (4, b"\1\xc0\0\2\1", Identifier("address", "192.0.2.1")),
        (5, b"ge-0/0/1", Identifier("text", "ge-0/0/1")),
        (7, bytes.fromhex("b8a44f1be21d"), Identifier("mac", "b8:a4:4f:1b:e2:1d")),
        (7, b"port 1", Identifier("text", "port 1")),
    ],
)
def test_port_ids(subtype: int, id: bytes, expected: Identifier) -> None:
    assert port_id(subtype, id) == expected


@given(st.integers(0, 9), st.one_of(st.none(), st.binary(max_size=300)))
def test_no_identifier_breaks(subtype: int, id: bytes | None) -> None:
    chassis_id(subtype, id)
    port_id(subtype, id)


def test_what_a_device_says_of_itself() -> None:
    answers = answering(
        (f"{ONE}.3.1/0", 4),
        (f"{ONE}.3.2/0", MAC),
        (f"{ONE}.3.3/0", b"leaf1"),
        (f"{ONE}.3.7.1.2/7", 5),
        (f"{ONE}.3.7.1.3/7", b"Ethernet1"),
        (f"{ONE}.3.7.1.4/7", b"to the core"),
    )

    found = own(answers)

    assert found.chassis == Identifier("mac", "00:1c:73:00:00:01")
    assert dict(found.ports) == {7: (Identifier("text", "Ethernet1"), "to the core")}
    assert own({}).chassis is None


VENDOR = {"jetstream_sg2218p": 3}
"""Devices that have their neighbours in a table of their maker alone, and how many."""


@pytest.mark.shared
def test_neighbours_of_recorded_devices(recordings: Path) -> None:
    missing: dict[str, int] = {}
    for device in devices(recordings):
        found = neighbours(device.answers(*TABLES, *GROUPS))
        assert len(found) <= device.counted.get("lldpRemPortId", 0), device.name
        ports = {written(each.port.value) for each in found if each.port}
        said = ports | {written(text) for each in found for text in (each.port_description, each.name)}
        for stated in device.stated.get("neighbours", []):
            if (
                stated["protocol"] == "lldp"
                and not {written(stated["remote_port"]), written(stated["remote_name"])} & said
            ):
                missing[device.name] = missing.get(device.name, 0) + 1
    assert missing == VENDOR
