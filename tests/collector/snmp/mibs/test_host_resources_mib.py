"""HOST-RESOURCES-MIB."""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.snmp.mibs.host_resources_mib import PROCESSOR, Device, Memory, Processor, Software, Storage
from collector.snmp.table import rows, scalars
from tests.collector.snmp.recorded import answering, devices


def test_more_than_31_bits_of_units() -> None:
    assert Storage((1,), None, "/data", 4096, -(2**31), 0).size_bytes == 2**31 * 4096
    assert Storage((1,), None, "/data", 4096, 10, 0).size_bytes == 40960
    assert [Storage((1,), unit=0, size=5).size_bytes, Storage((1,), unit=5).size_bytes] == [None, None]


def test_memory_processors_and_software() -> None:
    answers = answering(
        ("1.3.6.1.2.1.25.2.2/0", 4096),
        ("1.3.6.1.2.1.25.3.2.1.2/196608", PROCESSOR),
        ("1.3.6.1.2.1.25.3.2.1.3/196608", b"A processor"),
        ("1.3.6.1.2.1.25.3.3.1.2/196608", 5),
        ("1.3.6.1.2.1.25.6.3.1.2/1", b"bash-5.2-1"),
    )

    assert scalars(Memory, answers) == Memory(4096)
    assert rows(Device, answers) == [Device((196608,), PROCESSOR, "A processor")]
    assert rows(Processor, answers) == [Processor((196608,), 5)]
    assert rows(Software, answers) == [Software((1,), "bash-5.2-1", None)]


ELSEWHERE = {"eltex-mes23xx_mes2348p", "iosxe_c9500h-svl"}
"""Devices whose storage is stated from a table of their maker."""

CUT = {"python3-dnf-plug"}
"""A name that the recording has as net-snmp printed it, over several lines and cut; the expectation has the printing."""


@pytest.mark.shared
def test_storage_and_software_of_recorded_devices(recordings: Path) -> None:
    tried = 0
    for device in devices(recordings):
        sizes = {row.description: row.size_bytes for row in device.rows(Storage)}
        if device.name not in ELSEWHERE:
            for stated in device.stated.get("storage", []):
                tried += 1
                assert sizes.get(stated["descr"]) == stated["size_bytes"], (device.name, stated)
        names = {row.name for row in device.rows(Software)}
        for name in device.stated.get("installed_software", []):
            tried += 1
            assert name in names or name.splitlines()[0] in CUT, (device.name, name)
    assert tried > 700
