"""Firewalls."""

from __future__ import annotations

import pytest

from tests.collector.snmp.vendors.said import said


@pytest.mark.parametrize(
    ("object_id", "description", "own", "expected"),
    [
        (
            "12356.101.1.648",
            "",
            {"_12356_100_1_1_1_0": "FGT60F1234", "_12356_101_4_1_1_0": "v6.4.8,build1914,211117 (GA)"},
            ("Fortinet", "fortios", None, "v6.4.8,build1914,211117 (GA)", "FGT60F1234"),
        ),
        (
            "25461.2.3.35",
            "Palo Alto Networks PA-220 series firewall",
            {"_25461_2_1_2_1_1_0": "8.1.3", "_25461_2_1_2_1_3_0": "012801000001"},
            ("Palo Alto Networks", "panos", "PA-220", "8.1.3", "012801000001"),
        ),
        (
            "8741.1",
            "SonicWALL TZ 300",
            {"_8741_2_1_1_2_0": "18B1690000AA"},
            ("SonicWall", "sonicos", None, None, "18B1690000AA"),
        ),
    ],
)
def test_what_it_says_of_itself(
    object_id: str, description: str, own: dict[str, str], expected: tuple[str | None, ...]
) -> None:
    assert said(object_id, description, **own) == expected
