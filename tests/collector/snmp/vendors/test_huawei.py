"""Huawei's systems."""

from __future__ import annotations

import pytest

from tests.collector.snmp.vendors.said import said


@pytest.mark.parametrize(
    ("object_id", "description", "own", "expected"),
    [
        (
            "2011.2.23.291",
            "Huawei Versatile Routing Platform Software VRP (R) software,Version 5.170 (S5720 V200R010C00SPC600)",
            {},
            ("Huawei", "vrp", "S5720", "5.170 (V200R010C00SPC600)", None),
        ),
        ("2011.2.999", "an access point", {}, ("Huawei", None, None, None, None)),
        ("2011.2.279.3", "S12704", {"_2011_5_25_31_6_5_0": "S12704"}, ("Huawei", "vrp", "S12704", None, None)),
        (
            "2011.2.235",
            "Hardware management system",
            {"_2011_2_235_1_1_1_6_0": "RH5885 V3", "_2011_2_235_1_1_1_7_0": "2102311"},
            ("Huawei", "ibmc", "RH5885 V3", None, "2102311"),
        ),
    ],
)
def test_what_it_says_of_itself(
    object_id: str, description: str, own: dict[str, str], expected: tuple[str | None, ...]
) -> None:
    assert said(object_id, description, **own) == expected
