"""Printers."""

from __future__ import annotations

import pytest

from tests.collector.snmp.vendors.said import said


@pytest.mark.parametrize(
    ("object_id", "description", "own", "expected"),
    [
        (
            "367.1.1",
            "RICOH Aficio MP C3002 2.20 / RICOH Network Printer C model",
            {},
            ("Ricoh", "ricoh", "Aficio MP C3002", "2.20", None),
        ),
        ("2435.2.3.9.1", "Brother NC-8100h, Firmware Ver.1.02  (06)", {}, ("Brother", None, None, "1.02", None)),
        (
            "253.8.62.1.35",
            "Xerox AltaLink C8045; SS 100.002.057.09608, NC 100.002.09608",
            {},
            ("Xerox", None, "AltaLink C8045", "100.002.057.09608", None),
        ),
        (
            "1347.41",
            "KYOCERA Document Solutions Printing System",
            {
                "_1347_43_5_1_1_1_1": "TASKalfa 3252ci",
                "_1347_43_5_1_1_28_1": "R4P1",
                "_1347_43_5_4_1_5_1_1": "2R6_2000",
            },
            ("Kyocera", None, "TASKalfa 3252ci", "2R6_2000", "R4P1"),
        ),
        (
            "641.2",
            "Lexmark CX310dn version NR.APS.N643 kernel 3.0.0",
            {},
            ("Lexmark", None, "CX310dn", "NR.APS.N643", None),
        ),
        (
            "253.8.62.1",
            "Xerox WorkCentre 7845 v1 Multifunction System; System Software 072.040.004.09100, ESS",
            {},
            ("Xerox", None, "WorkCentre 7845", "072.040.004.09100", None),
        ),
        (
            "236.11.5.1",
            "Samsung CLX-6220 Series; OS V1.50.93 Apr-04-2013;Engine V2.21.27;S/N Z7MUBAKC300029V.",
            {},
            ("Samsung", None, "CLX-6220", "V1.50.93", "Z7MUBAKC300029V"),
        ),
        ("1602.4.7", "Canon iR-ADV C5235 /P", {}, ("Canon", None, "iR-ADV C5235", None, None)),
    ],
)
def test_what_it_says_of_itself(
    object_id: str, description: str, own: dict[str, str], expected: tuple[str | None, ...]
) -> None:
    assert said(object_id, description, **own) == expected
