"""Brocade, Foundry, Ruckus."""

from __future__ import annotations

import pytest

from tests.collector.snmp.vendors.said import said


@pytest.mark.parametrize(
    ("object_id", "description", "own", "expected"),
    [
        (
            "1991.1.3.57.1.1.1.1",
            "Brocade Communications Systems, Inc. ICX6430-24, IronWare Version 08.0.30tT311 Compiled on Feb 13 2019",
            {"_1991_1_1_1_1_2_0": "BZN1"},
            ("Brocade", "fastiron", "ICX6430-24", "08.0.30tT311", "BZN1"),
        ),
        (
            "1991.1.3.63.1",
            "Ruckus Wireless, Inc. Stacking System ICX7450-48P, IronWare Version 08.0.92bT213 Compiled on",
            {},
            ("Ruckus", "fastiron", "ICX7450-48P", "08.0.92bT213", None),
        ),
        (
            "1991.1.3.51.7",
            "Extreme Networks NetIron CER, Extended route scalability, IronWare Version V6.2.0eT183 Compiled on",
            {},
            ("Extreme Networks", "fastiron", "NetIron CER", "6.2.0eT183", None),
        ),
        (
            "1588.2.1.1.1",
            "Fibre Channel Switch.",
            {
                "_1588_2_1_1_1_1_6_0": "v7.0.2c",
            },
            ("Brocade", "fabos", None, "v7.0.2c", None),
        ),
        (
            "25053.3.1.5.3",
            "Ruckus Wireless ZD1200",
            {"_25053_1_2_1_1_1_1_9_0": "ZD1205", "_25053_1_2_1_1_1_1_15_0": "91", "_25053_1_2_1_1_1_1_18_0": "10.1"},
            ("Ruckus", "zonedirector", "ZD1205", "10.1", "91"),
        ),
    ],
)
def test_what_it_says_of_itself(
    object_id: str, description: str, own: dict[str, str], expected: tuple[str | None, ...]
) -> None:
    assert said(object_id, description, **own) == expected
