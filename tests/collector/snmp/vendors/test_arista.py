"""Arista's systems."""

from __future__ import annotations

import pytest

from tests.collector.snmp.vendors.said import said


@pytest.mark.parametrize(
    ("object_id", "description", "own", "expected"),
    [
        (
            "30065.1.3011.7048.427.3648",
            "Arista Networks EOS version 4.20.11M running on an Arista Networks DCS-7048T-A",
            {},
            ("Arista", "eos", "DCS-7048T-A", "4.20.11M", None),
        ),
    ],
)
def test_what_it_says_of_itself(
    object_id: str, description: str, own: dict[str, str], expected: tuple[str | None, ...]
) -> None:
    assert said(object_id, description, **own) == expected
