"""JUNIPER-MIB."""

from __future__ import annotations

import pytest

from collector.snmp.mibs.juniper_mib import Part


@pytest.mark.parametrize(
    ("description", "kind"),
    [
        ("midplane", "chassis"),
        ("PEM 0", "power supply"),
        ("Power Supply 1", "power supply"),
        ("Top Fan Tray", "fan"),
        ("FPC: MPC 3D 16x 10GE @ 0/*/*", "module"),
        ("Routing Engine 0", "module"),
        ("TFEB Intake temperature sensor", None),
        (None, None),
    ],
)
def test_a_part_says_what_it_is(description: str | None, kind: str | None) -> None:
    assert Part((1, 1, 0, 0), description=description).kind == kind
