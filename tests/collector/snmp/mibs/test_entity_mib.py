"""ENTITY-MIB."""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.snmp.mibs.entity_mib import Alias, Entity
from collector.snmp.table import rows
from tests.collector.snmp.recorded import answering, devices


def test_an_entity_and_the_port_that_it_is() -> None:
    answers = answering(
        ("1.3.6.1.2.1.47.1.1.1.1.5/1", 3),
        ("1.3.6.1.2.1.47.1.1.1.1.11/1", b"FOC1234 "),
        ("1.3.6.1.2.1.47.1.1.1.1.16/1", 1),
        ("1.3.6.1.2.1.47.1.3.2.1.2/7.0", "1.3.6.1.2.1.2.2.1.1.10101"),
    )

    assert rows(Entity, answers) == [Entity((1,), kind="chassis", serial="FOC1234", replaceable=True)]
    assert rows(Alias, answers) == [Alias((7, 0), "1.3.6.1.2.1.2.2.1.1.10101")]


ELSEWHERE = {"junos_mx5t-isis", "schleifenbauer"}
"""Devices without the MIB, whose entities are stated from tables of their makers."""

MAKERS = {"vrp_5720"}
"""Devices of which texts are stated from a table of their maker beside the MIB."""


@pytest.mark.shared
def test_entities_of_recorded_devices(recordings: Path) -> None:
    tried, otherwise = 0, set()
    for device in devices(recordings):
        found = {row.index[0]: row for row in device.rows(Entity)}
        assert len(found) <= max(device.counted.get("entPhysicalDescr", 0), len(found) if not found else 0)
        if device.name in ELSEWHERE:
            assert not found
            continue
        for stated in device.stated.get("entities", []):
            row = found[stated["index"]]
            values = {
                "contained_in": row.contained_in or 0, "class": row.kind, "name": row.name, "descr": row.description,
                "model": row.model, "serial": row.serial, "hardware_rev": row.hardware, "firmware_rev": row.firmware,
                "software_rev": row.software,
            }  # fmt: skip
            tried += 1
            if any(values[what] != stated[what] for what in values.keys() & stated.keys()):
                otherwise.add(device.name)
    assert tried > 1000
    assert otherwise == MAKERS
