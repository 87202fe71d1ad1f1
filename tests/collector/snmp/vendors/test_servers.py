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
    ],
)
def test_what_it_says_of_itself(
    object_id: str, description: str, own: dict[str, str], expected: tuple[str | None, ...]
) -> None:
    assert said(object_id, description, **own) == expected
