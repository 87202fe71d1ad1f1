"""Supplies and units of power."""

from __future__ import annotations

import pytest

from tests.collector.snmp.vendors.said import said


@pytest.mark.parametrize(
    ("object_id", "description", "own", "expected"),
    [
        (
            "318.1.3.2.11",
            "APC Web/SNMP Management Card (MB:v3.9.2 PF:v3.7.3 PN:apc_hw02_aos_373.bin AF1:v3.7.2 MN:AP9619 SN: ZA1)",
            {"_318_1_1_1_1_1_1_0": "Smart-UPS 1500", "_318_1_1_1_1_2_3_0": "AS0712"},
            ("APC", "apc", "Smart-UPS 1500", "3.7.2", "AS0712"),
        ),
        (
            "534.1",
            "Eaton 5PX",
            {"_534_1_1_2_0": "5PX 1500", "_534_1_1_3_0": "02.14"},
            ("Eaton", None, "5PX 1500", "02.14", None),
        ),
        (
            "31034.11.1",
            "Schleifenbauer",
            {"_31034_12_1_1_2_1_1_1_6_210": "SVNL1"},
            ("Schleifenbauer", "schleifenbauer", None, None, "SVNL1"),
        ),
    ],
)
def test_what_it_says_of_itself(
    object_id: str, description: str, own: dict[str, str], expected: tuple[str | None, ...]
) -> None:
    assert said(object_id, description, **own) == expected
