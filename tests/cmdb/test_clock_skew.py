"""The reporter's clock against the receiver's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.clock_skew import observed
from cmdb.model.times import SECOND
from cmdb.taking import Sender
from tests.cmdb.building import START, Receiver, Reporter, system

HOUR = 3600


@pytest.mark.parametrize(
    ("seen", "sent", "at", "clock"),
    [
        (0, None, 0, None),
        (-60, None, -60, None),
        (-86_400, None, -86_400, (-86_400, False, False)),
        (HOUR, None, 0, (HOUR, True, False)),
        (0, 2, 0, None),
        (HOUR, HOUR, 0, (HOUR, False, True)),
        (-HOUR, -HOUR, 0, (-HOUR, False, True)),
        (-86_400, 0, -86_400, None),
        (-86_400 - HOUR, -HOUR, -86_400, (-HOUR, False, True)),
        (60, 60, 0, None),
        (90, 60, 0, (60, True, True)),
        (1, 0, 0, (0, True, False)),
    ],
)
def test_late_is_not_skewed_and_skewed_is_corrected(
    seen: int, sent: int | None, at: int, clock: tuple[int, bool, bool] | None
) -> None:
    found = observed(START + seen * SECOND, START, None if sent is None else START + sent * SECOND)

    assert (found.at - START) // SECOND == at
    assert (tuple(found.clock.values()) if found.clock else None) == clock


@given(st.integers(-(10**12), 10**12), st.none() | st.integers(-(10**12), 10**12))
def test_nothing_was_observed_after_it_was_received(seen: int, sent: int | None) -> None:
    assert observed(START + seen, START, None if sent is None else START + sent).at <= START


@pytest.mark.parametrize("skewed_first", [True, False])
def test_a_clock_that_is_ahead_wins_no_argument(cmdb: Receiver, skewed_first: bool) -> None:
    """The skewed one looked at 60, the other at 120."""
    ahead, right = Reporter("web", source="ssh:a", route="ssh"), Reporter("web", source="ssh:b", route="ssh")
    cmdb.now = 3 * HOUR

    def skewed() -> None:
        sender = Sender("test", sent_at=START + 4 * HOUR * SECOND)
        receipt = cmdb.take(ahead.batch(system("web", os="old"), at=HOUR + 60), sender)
        assert receipt["clock"] == {"skew_seconds": HOUR, "clamped": False, "corrected": True}

    def exact() -> None:
        cmdb.take(right.batch(system("web", os="new"), at=120), Sender("test", sent_at=START + cmdb.now * SECOND))

    for report in (skewed, exact) if skewed_first else (exact, skewed):
        report()

    assert cmdb.one("class:Host").attributes["os"] == "new"
