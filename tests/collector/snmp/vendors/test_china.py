"""Makers that are met mostly in China."""

from __future__ import annotations

import pytest

from tests.collector.snmp.vendors.said import said


@pytest.mark.parametrize(
    ("object_id", "description", "own", "expected"),
    [
        (
            "4881.1.1.10.1.165",
            "Ruijie High-density IPv6 100G Core Routing Switch(N18010) By Ruijie Networks",
            {"_4881_1_1_10_2_1_1_2_0": "RGOS 11.0(1)", "_4881_1_1_10_2_1_1_24_0": "G1"},
            ("Ruijie", "rgos", "N18010", "RGOS 11.0(1)", "G1"),
        ),
        (
            "3902.3.100.614",
            "ZTE Ethernet Switch  ZXR10 5250-52TM-H, Version: V2.05.11B19",
            {},
            ("ZTE", "zxr10", "ZXR10 5250-52TM-H", "V2.05.11B19", None),
        ),
        (
            "6339.1.1.2.29",
            "DCRS-5980-28T-DC Device, Compiled Mar 27\n SoftWare Version 7.0.3.1(B0232.0031)\n Device serial number GOS1\n",
            {},
            ("Digital China Networks", None, "DCRS-5980-28T-DC", "7.0.3.1(B0232.0031)", "GOS1"),
        ),
        (
            "3320.1.283.0",
            "BDCOM(tm) S5612 Software, Version 2.1.1B Build 31318",
            {},
            ("BDCOM", "bdcom", "S5612", "2.1.1B", None),
        ),
        (
            "5651.1.102.16",
            "  SM4200-16GEF8GE-AC Device, Compiled Mar 17 2010\n  SoftWare Version SM4200-16GEF8GE-AC_6.0.222.39\n",
            {},
            ("Maipu", "mypower", "SM4200-16GEF8GE-AC", "6.0.222.39", None),
        ),
    ],
)
def test_what_it_says_of_itself(
    object_id: str, description: str, own: dict[str, str], expected: tuple[str | None, ...]
) -> None:
    assert said(object_id, description, **own) == expected
