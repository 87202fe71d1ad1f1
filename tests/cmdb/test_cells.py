"""What the cells of an imported row say."""

from __future__ import annotations

from typing import Any

import pytest

from cmdb.cells import Refused, values
from cmdb.model.classes import CLASSES
from cmdb.model.errors import UsageError
from cmdb.model.vocabulary import DECLARED

LONG = "Acme/X1/" + "S" * 1_017


def said(class_name: str, **cells: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    return values({name.replace("__", "."): cell for name, cell in cells.items()}, CLASSES[class_name], DECLARED)


def test_a_mark_is_no_attribute_unless_it_is_named_as_one() -> None:
    assert said("Host", mark__system_serial="Acme/X1/1", cpu_count="4") == (
        {"cpu_count": 4},
        {"system_serial": "Acme/X1/1"},
    )


@pytest.mark.parametrize(
    ("class_name", "cells", "kept"),
    [
        ("Subnet", {"prefix": " 2001:DB8:0::/64 "}, {"prefix": "2001:db8::/64"}),
        ("IPAddress", {"address": "::ffff:192.0.2.7"}, {"address": "192.0.2.7"}),
    ],
)
def test_a_key_is_kept_in_its_one_writing(class_name: str, cells: dict[str, Any], kept: dict[str, Any]) -> None:
    assert said(class_name, **cells)[0] == kept


@pytest.mark.parametrize(
    ("class_name", "cells", "why"),
    [
        ("Subnet", {"prefix": "nonsense"}, r"prefix: 'nonsense' is no network and length"),
        ("IPAddress", {"address": 12}, r"address: '12' is no IP address"),
        ("Host", {"mark__system_serial": LONG}, "system_serial has 1025 characters; a mark of at most 1024"),
        ("Host", {"mark__macs": [LONG]}, "macs has 1025 characters"),
        ("Host", {"mark__macs": [str(n) for n in range(1_001)]}, "macs has 1001 values; at most 1000"),
        ("Host", {"uptime_seconds": "5"}, "no attribute 'uptime_seconds'"),
    ],
)
def test_what_can_not_be_a_key_or_a_mark_is_refused_with_its_reason(
    class_name: str, cells: dict[str, Any], why: str
) -> None:
    with pytest.raises((Refused, UsageError), match=why):
        said(class_name, **cells)


def test_a_mark_as_long_as_what_is_compared_is_taken() -> None:
    assert len(said("Host", mark__system_serial=LONG[:-1])[1]["system_serial"]) == 1_024
