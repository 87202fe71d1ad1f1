"""The pace at which a device is asked."""

from __future__ import annotations

import pytest

from collector.snmp.pace import LEAST_PER_SECOND, SLOW_PER_SECOND, Pace


class Clock:
    """Time that goes on where one sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept += seconds


def test_questions_keep_their_distance() -> None:
    clock = Clock()
    pace = Pace(10, clock, clock.sleep)

    for _ in range(11):
        pace.wait()

    assert clock.now == pytest.approx(1.0)


def test_who_asks_slowly_does_not_wait() -> None:
    clock = Clock()
    pace = Pace(10, clock, clock.sleep)
    for _ in range(5):
        pace.wait()
        clock.now += 1

    assert clock.slept == 0


def test_a_device_whose_answers_slow_down_is_asked_less_until_they_are_quick_again() -> None:
    pace = Pace(100)
    pace.answered(0.010)
    pace.answered(0.030)
    assert pace.rate == 100

    pace.answered(0.080)
    assert pace.rate == 50
    pace.silent()
    assert pace.rate == 25

    for _ in range(20):
        pace.answered(0.012)
    assert pace.rate == 100


def test_the_rate_has_a_floor_and_answers_within_milliseconds_are_never_slow() -> None:
    pace = Pace(100)
    pace.answered(0.0001)
    pace.answered(0.004)
    assert pace.rate == 100
    for _ in range(50):
        pace.answered(1.0)
    assert pace.rate == SLOW_PER_SECOND
    for _ in range(50):
        pace.silent()
    assert pace.rate == LEAST_PER_SECOND
    pace.answered(1.0)
    assert pace.rate == LEAST_PER_SECOND
    assert Pace(1).rate == 1


def test_no_pace_is_refused() -> None:
    with pytest.raises(ValueError, match="none"):
        Pace(0)
