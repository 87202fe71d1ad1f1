"""Recorded walks."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.snmp.mibs.entity_mib import Entity
from collector.snmp.mibs.if_mib import Interface
from collector.snmp.mibs.snmpv2_mib import System
from collector.snmp.recording import Recording, Unreadable
from collector.snmp.table import columns, rows
from tests.collector.snmp.recorded import devices

LINES = [
    "1.3.6.1.2.1.1.1.0|4|a switch | with a bar",
    "1.3.6.1.2.1.1.2.0|6|.1.3.6.1.4.1.9.1.1",
    "1.3.6.1.2.1.1.3.0|67|4200",
    "# a remark",
    "1.3.6.1.2.1.2.2.1.6.2|4x|001C73000001",
    "1.3.6.1.2.1.2.2.1.6.10|4x|001c73000002",
    "1.3.6.1.2.1.2.2.1.10.2|65:numeric|rate=5",
    "1.3.6.1.2.1.4.20.1.1.192.0.2.1|64|192.0.2.1",
    "1.3.6.1.2.1.4.20.1.3.192.0.2.1|64x|ffffff00",
]


def test_a_recording_answers_by_column() -> None:
    recording = Recording(LINES)

    assert recording.answers(["1.3.6.1.2.1.1.1", "1.3.6.1.2.1.2.2.1.6", "1.3.6.1.2.1.4.20.1.3", "1.3.6.1.9"]) == {
        "1.3.6.1.2.1.1.1": {"0": b"a switch | with a bar"},
        "1.3.6.1.2.1.2.2.1.6": {"2": bytes.fromhex("001c73000001"), "10": bytes.fromhex("001c73000002")},
        "1.3.6.1.2.1.4.20.1.3": {"192.0.2.1": "255.255.255.0"},
    }
    assert (len(recording), recording.left_out) == (7, 1)


def test_a_walk_goes_by_number_and_not_by_text() -> None:
    found = [oid for oid, _ in Recording(reversed(LINES))]

    assert found == sorted(found)
    assert found[0] == (1, 3, 6, 1, 2, 1, 1, 1, 0)


@pytest.mark.parametrize(
    "line", ["no oid", "1.3.6|4", "1.x.6|4|a", "1.3.6|2|five", "1.3.6|4x|xyz", "1.3.6|99|a", "1.3.6|64x|00"]
)
def test_a_line_that_is_none_is_named(line: str) -> None:
    with pytest.raises(Unreadable, match="line 2"):
        Recording(["1.3.6.1|2|1", line])


@given(st.lists(st.text(max_size=60), max_size=5))
def test_garbage_is_refused_in_one_way(lines: list[str]) -> None:
    with suppress(Unreadable):
        Recording(lines)


def test_a_file(tmp_path: Path) -> None:
    file = tmp_path / "device.snmprec"
    file.write_text("\r\n".join(LINES))

    assert len(Recording.read(file)) == 7


@pytest.mark.shared
def test_recorded_devices_are_read_whole(recordings: Path) -> None:
    for device in devices(recordings):
        assert len(device.recording) + device.recording.left_out == device.stated["recording"]["oids"], device.name


def test_a_recording_stands_in_the_place_of_a_walk() -> None:
    recording = Recording(LINES)

    assert recording.scalars(System) == {
        "1.3.6.1.2.1.1.1": {"0": b"a switch | with a bar"},
        "1.3.6.1.2.1.1.2": {"0": "1.3.6.1.4.1.9.1.1"},
        "1.3.6.1.2.1.1.3": {"0": 4200},
    }
    assert [(r.index, r.mac) for r in rows(Interface, recording.table(Interface))] == [
        ((2,), "00:1c:73:00:00:01"),
        ((10,), "00:1c:73:00:00:02"),
    ]
    assert recording.table(Entity) == {oid: {} for oid in columns(Entity)}
