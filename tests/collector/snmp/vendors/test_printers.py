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
        ("2435.2.3.9.1", "Brother NC-8100h, Firmware Ver.1.02", {}, ("Brother", None, None, None, None)),
    ],
)
def test_what_it_says_of_itself(
    object_id: str, description: str, own: dict[str, str], expected: tuple[str | None, ...]
) -> None:
    assert said(object_id, description, **own) == expected
