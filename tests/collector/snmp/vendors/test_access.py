"""Access and campus networks."""

from __future__ import annotations

import pytest

from tests.collector.snmp.vendors.said import said


@pytest.mark.parametrize(
    ("object_id", "description", "own", "expected"),
    [
        (
            "14988.1",
            "RouterOS CCR1036-8G-2S+",
            {"_14988_1_1_7_3_0": "5A4E0123", "_14988_1_1_4_4_0": "6.45.9"},
            ("MikroTik", "routeros", "CCR1036-8G-2S+", "6.45.9", "5A4E0123"),
        ),
        (
            "41112.1.5",
            "EdgeOS v2.0.8.5247496.191120.1124",
            {},
            ("Ubiquiti", "edgeos", None, "2.0.8.5247496.191120.1124", None),
        ),
        (
            "1916.2.71",
            "ExtremeXOS (X440-24p) version 15.3.4.6 v1534b6 by release-manager",
            {},
            ("Extreme Networks", "xos", "X440-24p", "15.3.4.6", None),
        ),
        ("1916.2.302", "VSP-7432CQ (8.0.5.0)", {}, ("Extreme Networks", "voss", "VSP-7432CQ", "8.0.5.0", None)),
        ("171.10.153.4.1", "DGS-1210-28/ME/B1", {}, ("D-Link", "dlink", "DGS-1210-28", None, None)),
        (
            "11863.5.33",
            "JetStream 8-Port Gigabit Smart Switch",
            {"_11863_6_1_1_5_0": "T1500G-8T 2.0", "_11863_6_1_1_6_0": "2.0.0", "_11863_6_1_1_8_0": "2177"},
            ("TP-Link", "jetstream", "T1500G-8T 2.0", "2.0.0", "2177"),
        ),
        (
            "259.10.1.5",
            "ECS4610-24F",
            {"_259_10_1_5_1_1_3_1_6_1": "1.3.1.16", "_259_10_1_5_1_1_3_1_10_1": "EC12"},
            ("Edgecore", "edgecos", "ECS4610-24F", "1.3.1.16", "EC12"),
        ),
        (
            "6486.800.1.1.2.1.13.1.2",
            "Alcatel-Lucent OS6350-P24 6.7.1.108.R04 Service Release, January 04, 2017.",
            {},
            ("Alcatel-Lucent", "aos6", "OS6350-P24", "6.7.1.108.R04", None),
        ),
        (
            "674.11000.5000.100.2.1.1",
            "Dell EMC Networking OS10 Enterprise. Copyright (c) 1999-2020 System Version: 10.5.1.0 System Type: S4112F-ON",
            {},
            ("Dell", "os10", "S4112F-ON", "10.5.1.0", None),
        ),
        (
            "40310",
            "Cumulus Linux version 4.1.1 running on QEMU Standard PC",
            {},
            ("Cumulus Networks", "cumulus", None, "4.1.1", None),
        ),
        (
            "890.1.15",
            "GS1920-24",
            {"_890_1_15_3_1_6_0": "V4.70(ABXS.0)", "_890_1_15_3_1_11_0": "GS1920-24", "_890_1_15_3_1_12_0": "S123"},
            ("Zyxel", None, "GS1920-24", "V4.70(ABXS.0)", "S123"),
        ),
        (
            "674.10895.3060",
            "Dell Networking N1548P, 6.6.3.10",
            {
                "_674_10895_3000_1_2_100_1_0": "N1548P",
                "_674_10895_3000_1_2_100_4_0": "6.6.3.10",
                "_674_10895_3000_1_2_100_8_1_2_1": "CN01",
            },
            ("Dell", "powerconnect", "N1548P", "6.6.3.10", "CN01"),
        ),
        (
            "41112.1.4",
            "Linux 2.6.32.61 #1 Wed May 21 18:37:41 EEST 2014 mips",
            {},
            ("Ubiquiti", "airos", None, None, None),
        ),
        (
            "10002.1",
            "Linux 3.3.8 #1 mips",
            {"_41112_1_6_3_3_0": "UAP-AC-Pro", "_41112_1_6_3_6_0": "4.0.66"},
            ("Ubiquiti", "unifi", "UAP-AC-Pro", "4.0.66", None),
        ),
        (
            "4413",
            "USW-24-PoE, 5.76.7.13442, Linux 3.6.5",
            {"_4413_1_1_1_1_1_4_0": "F09FC2"},
            ("Ubiquiti", "unifi", "USW-24-PoE", "5.76.7.13442", "F09FC2"),
        ),
        (
            "207.1.14.137",
            "Allied Telesis router/switch, AW+ v5.4.7-2.1",
            {"_207_8_4_4_3_21_1_1_4_1_1": "x930-28GTX", "_207_8_4_4_3_21_1_1_8_1_1": "A05060"},
            ("Allied Telesis", "awplus", "x930-28GTX", "5.4.7-2.1", "A05060"),
        ),
        (
            "4526.100.1.30",
            "M4300-28G ProSAFE 24-port 1G and 2-port 10GBASE-T, 12.0.2.8, 1.0.0.8",
            {},
            ("Netgear", "netgear", "M4300-28G", "12.0.2.8", None),
        ),
        (
            "171.10.63.6",
            "D-Link DES-3028 Fast Ethernet Switch",
            {"_171_12_1_1_12_0": "P1"},
            ("D-Link", "dlink", "DES-3028", None, "P1"),
        ),
    ],
)
def test_what_it_says_of_itself(
    object_id: str, description: str, own: dict[str, str], expected: tuple[str | None, ...]
) -> None:
    assert said(object_id, description, **own) == expected
