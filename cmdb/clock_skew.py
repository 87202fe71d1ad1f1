"""When a report was observed, by the receiver's clock. Pure.

How far the reporter's clock is off is measured where it says when it sent the report: a report that waited for days is late,
not skewed. Sources are compared by corrected times, so that a clock that is wrong wins no argument.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cmdb.model.times import SECOND

SHOWN = 300 * SECOND
NOISE = 5 * SECOND
"""Below this it is no skew but the way, and that an HTTP date has whole seconds."""


@dataclass(frozen=True, slots=True)
class Observed:
    """`at` is when, `clock` what of it is to be shown: {"skew_seconds", "clamped", "corrected"}, None where all is well."""

    at: int
    clock: dict[str, Any] | None


def observed(observed_at: int, received_at: int, sent_at: int | None) -> Observed:
    """The time of a report by the receiver's clock, never later than it was received. All in microseconds.

    `sent_at` is the reporter's clock at the time of sending, None where it did not say; then only a time in the future tells
    that the clock is off, and whatever else is far off is shown.
    """
    if sent_at is None:
        skew = observed_at - received_at
        shown = abs(skew) > SHOWN or skew > 0
        clock = {"skew_seconds": skew // SECOND, "clamped": skew > 0, "corrected": False}
        return Observed(min(observed_at, received_at), clock if shown else None)
    skew = sent_at - received_at
    skew = skew if abs(skew) > NOISE else 0
    at = observed_at - skew
    clamped = at > received_at
    clock = {"skew_seconds": skew // SECOND, "clamped": clamped, "corrected": skew != 0}
    return Observed(min(at, received_at), clock if clamped or abs(skew) > SHOWN else None)
