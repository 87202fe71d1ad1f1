"""SNMPv2-MIB."""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.snmp.mibs.snmpv2_mib import Engine, System, identifying_engine_id
from collector.snmp.table import scalars
from tests.collector.snmp.recorded import answering, devices


def test_what_a_device_says_of_itself() -> None:
    answers = answering(
        ("1.3.6.1.2.1.1.1/0", b"a router\0"),
        ("1.3.6.1.2.1.1.2/0", "1.3.6.1.4.1.9.1.1"),
        ("1.3.6.1.2.1.1.3/0", 4200),
        ("1.3.6.1.2.1.1.5/0", b""),
    )

    assert scalars(System, answers) == System("a router", "1.3.6.1.4.1.9.1.1", 4200, None, None, None)


@pytest.mark.parametrize(
    ("id", "expected"),
    [
        ("80001f8804746573742d31", "80001f8804746573742d31"),
        ("800000090300aabbccddee01", "800000090300aabbccddee01"),
        ("8000000901c0000201", ""),
        ("800000090220010db8000000000000000000000001", ""),
        ("00000009020000aabbccddee", ""),
        ("8000000905000000000000", ""),
        ("80000009", ""),
        ("80" * 40, ""),
    ],
)
def test_engine_ids_that_identify(id: str, expected: str) -> None:
    assert identifying_engine_id(bytes.fromhex(id)) == expected


def test_no_engine_id_is_none() -> None:
    assert identifying_engine_id(None) == ""


@pytest.mark.shared
def test_recorded_devices(recordings: Path) -> None:
    for device in devices(recordings):
        stated = device.stated["recording"]["system"]
        found = scalars(System, device.answers(System, Engine))
        assert found.object_id == stated["sysObjectID"].lstrip("."), device.name
        assert (found.description or "") == stated.get("sysDescr", "").strip(), device.name
        assert (found.name or "") == stated.get("sysName", ""), device.name
