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
            ("HPE", "comware", None, "7.1.070 (Release 2712)", None),
        ),
        (
            "25506.1.389",
            "H3C Comware Software, Version 5.20, Release 2202P19",
            {},
            ("H3C", "comware", None, "5.20 (Release 2202P19)", None),
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
        (
            "11.5.7.1.2",
            "HP Onboard Administrator",
            {
                "_232_22_2_3_1_1_1_3_1": "c7000 Enclosure G2",
                "_232_22_2_3_1_1_1_7_1": "6C1",
                "_232_22_2_3_1_1_1_8_1": "3.60",
            },
            ("HP", "hpe-oa", "c7000 Enclosure G2", "3.60", "6C1"),
        ),
        (
            "11.2.3.9.1",
            "HP ETHERNET MULTI-ENVIRONMENT",
            {"_11_2_3_9_4_2_1_1_3_2_0": "HP LaserJet M607", "_11_2_3_9_4_2_1_1_3_6_0": "2405129_000047"},
            ("HP", "jetdirect", "HP LaserJet M607", "2405129_000047", None),
        ),
        (
            "25506.1.921",
            "H3C Comware Platform Software, Software Version 7.1.075, Release 7751P01",
            {},
            ("H3C", "comware", None, "7.1.075 (Release 7751P01)", None),
        ),
    ],
)
def test_what_it_says_of_itself(
    object_id: str, description: str, own: dict[str, str], expected: tuple[str | None, ...]
) -> None:
    assert said(object_id, description, **own) == expected
