"""Times as microseconds since 1970-01-01 UTC, and their ISO 8601 text."""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta, timezone

from cmdb.model.errors import UsageError

SECOND = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_AGO = re.compile(
    r"(\d{1,9})\s*(?:(s|sec|secs|seconds?)|(m|min|mins|minutes?)|(h|hours?)|(d|days?)|(w|weeks?))\s+ago\Z", re.ASCII
)
_UNITS = (1, 60, 3600, 86400, 7 * 86400)


def now() -> int:
    """The machine's clock."""
    return time.time_ns() // 1000


def iso(microseconds: int) -> str:
    """ISO 8601 in UTC with six digits of the second: 2026-11-23T00:12:09.000000Z."""
    return (_EPOCH + timedelta(microseconds=microseconds)).isoformat(timespec="microseconds")[:-6] + "Z"


def from_iso(text: str) -> int:
    """Microseconds of an ISO 8601 time with offset; raises ValueError, also where the offset is missing."""
    moment = datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith(("Z", "z")) else text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset from UTC")
    return (moment - _EPOCH) // timedelta(microseconds=1)


def parse_time(text: str, reference: int) -> int:
    """A time as people write it: ISO 8601 with offset, a date (its end in UTC), or '2h ago' counted from `reference`.

    Raises UsageError for anything else.
    """
    cleaned = text.strip()
    ago = _AGO.match(cleaned.lower())
    try:
        if ago:
            unit = next(length for length, word in zip(_UNITS, ago.groups()[1:]) if word)
            return from_iso(iso(reference - int(ago.group(1)) * unit * SECOND))
        if re.match(r"\d{4}-\d\d-\d\d\Z", cleaned, re.ASCII):
            return from_iso(cleaned + "T23:59:59.999999Z")
        return from_iso(cleaned)
    except (ValueError, OverflowError):
        raise UsageError(
            f"{text!r} is no time: write ISO 8601 with an offset (2026-11-23T10:00:00Z), a date, or '2h ago'"
        ) from None
