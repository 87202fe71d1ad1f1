"""Times as microseconds, as ISO 8601, and as people write them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.model.errors import UsageError
from cmdb.model.times import SECOND, from_iso, iso, now, parse_time

REFERENCE = 1_767_225_600 * SECOND  # 2026-01-01T00:00:00Z
HOUR = 3600 * SECOND


@given(st.integers(-62_135_596_800 * SECOND, 253_402_300_799 * SECOND))
def test_iso_and_back_is_the_same_microsecond(moment: int) -> None:
    assert from_iso(iso(moment)) == moment


@given(st.integers(-62_135_596_800 * SECOND, 253_402_300_799 * SECOND), st.integers(0, 10**15))
def test_iso_orders_as_the_numbers_do(moment: int, later: int) -> None:
    if moment + later <= 253_402_300_799 * SECOND:
        assert iso(moment) <= iso(moment + later)


def test_iso_always_has_its_six_digits() -> None:
    assert iso(0) == "1970-01-01T00:00:00.000000Z"
    assert iso(1_700_000_000_123_456) == "2023-11-14T22:13:20.123456Z"


@pytest.mark.parametrize("text", ["2026-01-01T00:00:00", "2026-01-01", "", "now", "26-01-01T00:00:00Z"])
def test_a_time_without_offset_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"offset|Invalid|isoformat"):
        from_iso(text)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-01T01:00:00+01:00", REFERENCE),
        ("2025-12-31T23:00:00-01:00", REFERENCE),
        (" 2026-01-01T00:00:00Z ", REFERENCE),
        ("2026-01-01T00:00:00z", REFERENCE),
        ("2025-12-31", REFERENCE - 1),
        ("2h ago", REFERENCE - 2 * HOUR),
        ("2 Hours Ago", REFERENCE - 2 * HOUR),
        ("1 min ago", REFERENCE - 60 * SECOND),
        ("5m ago", REFERENCE - 300 * SECOND),
        ("10 seconds ago", REFERENCE - 10 * SECOND),
        ("3d ago", REFERENCE - 72 * HOUR),
        ("1 week ago", REFERENCE - 7 * 24 * HOUR),
    ],
)
def test_people_write_times_in_several_ways(text: str, moment: int) -> None:
    assert parse_time(text, REFERENCE) == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2 months ago",
        "2 mo ago",
        "h ago",
        "-1h ago",
        "١h ago",
        "999999999w ago",
        "2026-13-01",
        "2026-01-01T00:00:00",
        "1 hourly ago",
        "9" * 30,
    ],
)
def test_what_is_no_time_is_refused_with_the_remedy(text: str) -> None:
    with pytest.raises(UsageError, match="ISO 8601"):
        parse_time(text, REFERENCE)


def test_now_is_the_machines_clock() -> None:
    before = time.time_ns() // 1000
    assert before <= now() <= time.time_ns() // 1000
