"""Networks of carriers and data centres."""

from __future__ import annotations

import pytest

from tests.collector.snmp.vendors.said import said


@pytest.mark.parametrize(
    ("object_id", "description", "own", "expected"),
    [
        (
            "6527.1.3.8",
            "TiMOS-C-13.0.R12 cpm/hops64 ALCATEL SR 7750 Copyright (c) 2000-2016 Alcatel-Lucent.",
            {},
            ("Nokia", "timos", "SR 7750", "13.0.R12", None),
        ),
        (
            "664.1.1491",
            "NetVanta 3448, Version: R11.10.7.E, Date: Mon",
            {},
            ("Adtran", None, "NetVanta 3448", "R11.10.7.E", None),
        ),
        (
            "5951.1",
            "NetScaler NS11.1: Build 47.14.nc, Date: Jul 20 2016, 02:37:15",
            {"_5951_4_1_1_14_0": "HE2H81UJ47"},
            ("Citrix", "netscaler", None, "11.1 (Build 47.14.nc)", "HE2H81UJ47"),
        ),
        (
            "22610.1.3.25",
            "Thunder Series Unified Application Service Gateway TH3030S, ACOS 4.1.0-P1, build 123",
            {},
            ("A10 Networks", "acos", "TH3030S", "4.1.0-P1", None),
        ),
        ("26928.1", "AP330, HiveOS 6.5r9 build-164461", {}, ("Aerohive", "hiveos", "AP330", "6.5r9", None)),
    ],
)
def test_what_it_says_of_itself(
    object_id: str, description: str, own: dict[str, str], expected: tuple[str | None, ...]
) -> None:
    assert said(object_id, description, **own) == expected
