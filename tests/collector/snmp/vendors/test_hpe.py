"""HPE and its houses."""

from __future__ import annotations

import pytest

from tests.collector.snmp.vendors.said import said


@pytest.mark.parametrize(
    ("object_id", "description", "own", "expected"),
    [
        (
            "11.2.3.7.11.160",
            "HP J9773A 2530-24G-PoEP Switch, revision YA.15.16.0006, ROM YA.15.15",
            {},
            ("HP", "procurve", None, "YA.15.16.0006", None),
        ),
        (
            "25506.11.1.187",
            "HPE Comware Platform Software, Software Version 7.1.070, Release 2712 HPE 5130",
            {},
            ("HPE", "comware", None, "7.1.070", None),
        ),
        (
            "25506.1.389",
            "H3C Comware Software, Version 5.20, Release 2202P19",
            {},
            ("H3C", "comware", None, "5.20", None),
        ),
        (
            "14823.1.1.32",
            "ArubaOS (MODEL: Aruba7210), Version 6.5.1.4 (58979)",
            {},
            ("Aruba", "arubaos", "Aruba7210", "6.5.1.4", None),
        ),
        (
            "47196.4.1.1.1.50",
            "Aruba JL635A 8325 GL.10.06.0110",
            {},
            ("Aruba", "arubaos-cx", "JL635A", "GL.10.06.0110", None),
        ),
        (
            "232.9.4.10",
            "Integrated Lights-Out 4 2.60 May 23 2018",
            {"_232_2_2_2_1_0": "CZ1", "_232_2_2_4_2_0": "ProLiant ML350 Gen9"},
            ("HPE", "hpe-ilo", "ProLiant ML350 Gen9", "2.60", "CZ1"),
        ),
        (
            "11.2.3.7.11.19",
            "HP ProCurve Switch 2626, revision H.10.83",
            {"_11_2_36_1_1_2_9_0": "SG1"},
            ("HP", "procurve", None, "H.10.83", "SG1"),
        ),
    ],
)
def test_what_it_says_of_itself(
    object_id: str, description: str, own: dict[str, str], expected: tuple[str | None, ...]
) -> None:
    assert said(object_id, description, **own) == expected
