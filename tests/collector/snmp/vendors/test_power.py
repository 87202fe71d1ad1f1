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
        (
            "705.1",
            "EATON 93E 80",
            {"_705_1_1_1_0": "93E HV", "_705_1_1_4_0": "2.08.0011", "_705_1_1_7_0": "4K1"},
            ("Eaton", None, "93E HV", "2.08.0011", "4K1"),
        ),
        (
            "318.1.3.11",
            "APC Web/SNMP Management Card",
            {"_318_1_1_8_1_5_0": "AP7721", "_318_1_1_8_1_6_0": "ZA1"},
            ("APC", "apc", "AP7721", None, "ZA1"),
        ),
    ],
)
def test_what_it_says_of_itself(
    object_id: str, description: str, own: dict[str, str], expected: tuple[str | None, ...]
) -> None:
    assert said(object_id, description, **own) == expected
