"""File systems."""

from __future__ import annotations

from typing import Any

from collector.snmp.sections import storage
from tests.collector.snmp.answers import device, inapplicable, told

TABLE = "1.3.6.1.2.1.25.2.3.1"


def row(index: int, text: str, kind: int = 4, size: int = 100, used: int = 40) -> dict[str, Any]:
    return {
        f"{TABLE}.2.{index}": f"oid 1.3.6.1.2.1.25.2.1.{kind}",
        f"{TABLE}.3.{index}": text,
        f"{TABLE}.4.{index}": 4096,
        f"{TABLE}.5.{index}": size,
        f"{TABLE}.6.{index}": used,
    }


def test_disks_are_file_systems_and_memory_is_none() -> None:
    made = device(
        row(1, "Physical memory", kind=2),
        row(31, "/"),
        row(32, "/run/user/0"),
        row(33, "/mnt/nfs", kind=10),
        row(34, "/dev/da0s1e, mounted on: /config"),
        row(35, "C:\\ Label:System  Serial Number 10f82425"),
    )

    found = {f.mount_point: f for f in told(storage, made)}

    assert sorted(found) == ["/", "/config", "/mnt/nfs", "C:\\"]
    assert (found["/"].size_bytes, found["/"].free_bytes) == (409600, 245760)
    assert (found["/mnt/nfs"].network, found["/mnt/nfs"].size_bytes) == (True, None)
    assert found["/config"].source == "/dev/da0s1e"


def test_storage_that_is_described_by_its_device_has_its_mount_point_from_another_table() -> None:
    made = device(
        row(1, "/dev/hd4"), {"1.3.6.1.2.1.25.3.8.1.2.7": "/", "1.3.6.1.2.1.25.3.8.1.7.7": 1}, row(2, "/dev/hd9")
    )

    assert [(f.mount_point, f.source) for f in told(storage, made)] == [("/", "/dev/hd4")]


def test_flash_memory_of_cisco_is_a_file_system() -> None:
    flash = "1.3.6.1.4.1.9.9.10.1.1"
    made = device(
        {"1.3.6.1.2.1.1.2.0": "oid 1.3.6.1.4.1.9.1.1208", f"{flash}.2.1.7.1": "flash", f"{flash}.4.1.1.4.1.1": 1000},
        {f"{flash}.4.1.1.5.1.1": 400},
    )

    assert [(f.mount_point, f.size_bytes, f.free_bytes) for f in told(storage, made)] == [("flash:", 1000, 400)]


def test_a_device_without_the_table_has_no_such_section() -> None:
    assert "no table" in inapplicable(storage, device())
