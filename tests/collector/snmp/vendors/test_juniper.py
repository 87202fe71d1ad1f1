"""Juniper's systems."""

from __future__ import annotations

import pytest

from tests.collector.snmp.vendors.said import identity, said


@pytest.mark.parametrize(
    ("object_id", "description", "own", "expected"),
    [
        (
            "2636.1.1.1.2.90",
            "Juniper Networks, Inc. mx5-t internet router, kernel JUNOS 19.4R3.11, Build date: 2020-10-08",
            {"_2636_3_1_2_0": "Juniper MX5-T", "_2636_3_1_3_0": "F8223"},
            ("Juniper", "junos", "Juniper MX5-T", "19.4R3.11", "F8223"),
        ),
        (
            "3224.1.50",
            "SSG-140 version 6.3.0r21.0 (SN: 0185032008000123, Firewall+VPN)",
            {},
            ("Juniper", "screenos", None, "6.3.0r21.0", "0185032008000123"),
        ),
    ],
)
def test_what_it_says_of_itself(
    object_id: str, description: str, own: dict[str, str], expected: tuple[str | None, ...]
) -> None:
    assert said(object_id, description, **own) == expected


def test_a_virtual_chassis_is_known_by_any_of_its_members() -> None:
    member = "_2636_3_40_1_4_1_1_1"
    found = identity(
        "2636.1.1.1.2.43", "", **{f"{member}_2_0": "BM0", f"{member}_2_1": "BM1", f"{member}_8_0": "ex4200-48t"}
    )

    assert found.serial == "BM0"
    assert found.marks["serials"] == ["BM0", "BM1"]
