"""Cisco's systems."""

from __future__ import annotations

import pytest

from tests.collector.snmp.vendors.said import said


@pytest.mark.parametrize(
    ("object_id", "description", "own", "expected"),
    [
        (
            "9.1.1208",
            "Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M), Version 15.0(2a)EX5, RELEASE SOFTWARE (fc3)",
            {},
            ("Cisco", "ios", None, "15.0(2a)EX5", None),
        ),
        (
            "9.1.620",
            "Cisco Internetwork Operating System Software IOS (tm) C1700 Software (C1700-Y-M), Version 12.2(8)T4, RELEASE",
            {},
            ("Cisco", "ios", None, "12.2(8)T4", None),
        ),
        (
            "9.1.1745",
            "Cisco IOS Software, IOS-XE Software, Catalyst (CAT3K_CAA-X), Version 03.06.05E RELEASE",
            {},
            ("Cisco", "iosxe", None, "03.06.05E", None),
        ),
        (
            "9.1.2571",
            "Cisco IOS XR Software (NCS-5500), Version 7.4.1  Copyright (c) 2013-2021",
            {},
            ("Cisco", "iosxr", None, "7.4.1", None),
        ),
        (
            "9.12.3.1.3.1084",
            "Cisco NX-OS(tm) n5000, Software (n5000-uk9), Version 5.2(1)N1(4), RELEASE SOFTWARE",
            {},
            ("Cisco", "nxos", None, "5.2(1)N1(4)", None),
        ),
        ("9.1.2404", "Cisco Adaptive Security Appliance Version 9.12(2)", {}, ("Cisco", "asa", None, "9.12(2)", None)),
        ("9.6.1.83.52.1", "SG300-52 52-Port Gigabit Managed Switch", {}, ("Cisco", "ciscosb", "SG300-52", None, None)),
        (
            "9.1.366",
            "Cisco Internetwork Operating System Software",
            {"_9_3_6_3_0": "CAT0625X0DP"},
            ("Cisco", "ios", None, None, "CAT0625X0DP"),
        ),
        (
            "9.6.1.83.28.1",
            "28-Port Gigabit Managed Switch",
            {
                "_9_6_1_101_53_14_1_2_1": "1.4.1.3",
                "_9_6_1_101_53_14_1_5_1": "DNI1",
                "_9_6_1_101_53_14_1_11_1": "SG300-28",
            },
            ("Cisco", "ciscosb", "SG300-28", "1.4.1.3", "DNI1"),
        ),
        (
            "29671.2.16",
            "Meraki MX64 Cloud Managed Security Appliance",
            {},
            ("Cisco Meraki", "meraki", "MX64", None, None),
        ),
    ],
)
def test_what_it_says_of_itself(
    object_id: str, description: str, own: dict[str, str], expected: tuple[str | None, ...]
) -> None:
    assert said(object_id, description, **own) == expected
