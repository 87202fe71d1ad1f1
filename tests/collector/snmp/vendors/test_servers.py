"""Agents of servers."""

from __future__ import annotations

import pytest

from tests.collector.snmp.vendors.said import said


@pytest.mark.parametrize(
    ("object_id", "description", "own", "expected"),
    [
        (
            "8072.3.2.10",
            "Linux web 4.18.0-147.8.1.el8_1.x86_64 #1 SMP Thu Apr 9 13:49:54 UTC 2020 x86_64",
            {},
            (None, None, None, None, None),
        ),
        (
            "311.1.1.3.1.2",
            "Hardware: Intel64 Family 6 - Software: Windows Version 6.3 (Build 17763 Multiprocessor Free)",
            {},
            (None, "windows", None, "6.3 (Build 17763)", None),
        ),
        ("6876.4.1", "VMware ESXi 7.0.0 build-15843807 VMware, Inc. x86_64", {}, (None, "esxi", None, "7.0.0", None)),
        (
            "8072.3.2.10",
            "Linux NAS 4.14.24-qnap #1 SMP x86_64",
            {"_24681_1_4_1_1_1_1_1_2_1_3_1": "TS-453A", "_24681_1_4_1_1_1_1_1_2_1_4_1": "Q16"},
            ("QNAP", "qts", "TS-453A", None, "Q16"),
        ),
        (
            "674.10892.5",
            "",
            {"_674_10892_5_1_3_2_0": "ABC1234", "_674_10892_5_1_1_8_0": "2.41.40.40"},
            ("Dell", "idrac", None, "2.41.40.40", "ABC1234"),
        ),
        ("24681", "Linux TS-X71U 4.3.4", {}, ("QNAP", "qts", "TS-X71U", "4.3.4", None)),
        ("24681", "Linux hostname 4.2.2", {}, ("QNAP", "qts", None, "4.2.2", None)),
        (
            "674.10892.2",
            "",
            {"_674_10892_2_1_1_2_0": "CMC", "_674_10892_2_1_1_6_0": "ABC", "_674_10892_2_1_2_1_0": "4.30"},
            ("Dell", "drac", "CMC", "4.30", "ABC"),
        ),
        (
            "789.2.3",
            "NetApp Release 8.2.3 7-Mode: Thu Jan 15",
            {"_789_1_1_5_0": "FAS3270", "_789_1_1_9_0": "940001051000"},
            ("NetApp", "ontap", "FAS3270", "8.2.3", "940001051000"),
        ),
        (
            "12124.1",
            "Isilon OneFS nas-1 v7.2.1.0 Isilon OneFS v7.2.1.0 B_7_2_1_014(RELEASE) amd64",
            {"_12124_2_51_1_3_1": "CE1", "_12124_2_51_1_4_1": "X210"},
            ("Isilon", "onefs", "X210", "7.2.1.0", "CE1"),
        ),
        ("30803", "Netentsec NGFW", {}, (None, None, None, None, None)),
        (
            "12325.1.1.2.1.1",
            "pfSense fw.example.net 2.4.4-RELEASE pfSense FreeBSD 11.2 amd64",
            {},
            (None, "pfsense", None, "2.4.4-RELEASE", None),
        ),
        (
            "12325.1.1.2.1.1",
            "pfSense 2.3.2-RELEASE pfSense FreeBSD 10.3",
            {},
            (None, "pfsense", None, "2.3.2-RELEASE", None),
        ),
        ("30803", "Vyatta VC6.6R1", {}, ("Vyatta", "vyatta", None, "6.6R1", None)),
    ],
)
def test_what_it_says_of_itself(
    object_id: str, description: str, own: dict[str, str], expected: tuple[str | None, ...]
) -> None:
    assert said(object_id, description, **own) == expected
