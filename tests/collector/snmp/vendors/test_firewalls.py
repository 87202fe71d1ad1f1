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
        (
            "3375.2.1.3.4.94",
            "Linux bigip1 2.6.32-431.56.1.el6.f5.x86_64 #1 SMP x86_64",
            {"_3375_2_1_4_2_0": "13.1.1", "_3375_2_1_3_3_3_0": "f5-abcd", "_3375_2_1_3_5_2_0": "BIG-IP i4600"},
            ("F5", "tmos", "BIG-IP i4600", "13.1.1", "f5-abcd"),
        ),
        (
            "12356.106.1.1081",
            "",
            {"_12356_100_1_1_1_0": "S108", "_12356_106_4_1_1_0": "v6.4.3"},
            ("Fortinet", "fortiswitch", None, "v6.4.3", "S108"),
        ),
        (
            "8072.3.2.10",
            "Linux fw1 3.10.0-957.21.3cpx86_64 #1 SMP x86_64",
            {"_2620_1_6_16_3_0": "LR2017", "_2620_1_6_16_7_0": "Check Point 5200", "_2620_1_6_4_1_0": "R80.40"},
            ("Check Point", "gaia", "Check Point 5200", "R80.40", "LR2017"),
        ),
    ],
)
def test_what_it_says_of_itself(
    object_id: str, description: str, own: dict[str, str], expected: tuple[str | None, ...]
) -> None:
    assert said(object_id, description, **own) == expected
