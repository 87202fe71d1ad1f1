"""When is looked at what."""

from __future__ import annotations

import time
from functools import partial
from typing import Optional

import pytest

from agent.schedule import Schedule, uptime


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def made(clock: Clock, draw: float = 0.5) -> Schedule:
    return Schedule({"cheap": 1, "dear": 3, "dearest": 3, "rare": 10}, 100, clock, lambda: draw)


def passes(schedule: Schedule, clock: Clock, count: int) -> list[list[str]]:
    found = []
    for _ in range(count):
        clock.now += schedule.wait()
        found.append(schedule.due())
    return found


def test_the_first_pass_is_at_once_and_of_everything() -> None:
    schedule = made(Clock())
    assert schedule.wait() == 0
    assert schedule.due() == ["cheap", "dear", "dearest", "rare"]


def test_dear_facts_are_looked_at_rarely_and_together() -> None:
    clock = Clock()
    found = passes(made(clock), clock, 61)[1:]

    assert all("cheap" in names for names in found)
    assert sum("dear" in names for names in found) == 20
    assert sum("rare" in names for names in found) == 6
    assert all(("dear" in names) == ("dearest" in names) for names in found)


@pytest.mark.parametrize(("draw", "seconds"), [(0.0, 90), (0.5, 100), (0.999999, 110)])
def test_passes_are_spread_by_a_tenth(draw: float, seconds: float) -> None:
    clock = Clock()
    schedule = made(clock, draw)
    schedule.due()
    assert schedule.wait() == pytest.approx(seconds, abs=0.01)


def test_which_pass_dear_facts_fall_into_is_drawn() -> None:
    def first(draw: float) -> Optional[int]:
        clock = Clock()
        return next((n for n, names in enumerate(passes(made(clock, draw), clock, 9)) if n and "dear" in names), None)

    assert {first(draw) for draw in (0.0, 1 / 30, 2 / 30)} == {1, 2, 3}


def test_asked_for_at_once_the_pass_is_due_and_of_everything() -> None:
    clock = Clock()
    schedule = made(clock)
    schedule.due()
    clock.now += 5

    schedule.at_once()

    assert schedule.wait() == 0
    assert len(schedule.due()) == 4
    assert schedule.wait() > 0


def test_a_machine_that_slept_through_its_passes_is_looked_at_once() -> None:
    clock = Clock()
    schedule = made(clock)
    schedule.due()
    clock.now += 100_000

    assert schedule.wait() == 0
    schedule.due()
    assert schedule.wait() > 0


def test_whoever_sets_the_clock_moves_no_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    schedule = Schedule({"cheap": 1}, 100)
    schedule.due()
    before = schedule.wait()
    monkeypatch.setattr(time, "time", lambda: 0.0)
    monkeypatch.setattr(time, "time_ns", lambda: 0)

    assert before - 60 < schedule.wait() <= before
    assert uptime() <= uptime()


def test_a_pass_of_what_is_rare_is_one_of_what_is_less_rare_too() -> None:
    for draw in (0.0, 0.3, 0.77, 0.99):
        clock, drawn = Clock(), iter([draw])
        schedule = Schedule({"dear": 3, "dearer": 12, "dearest": 48}, 100, clock, partial(next, drawn, 0.5))
        found = passes(schedule, clock, 200)

        assert sum("dearest" in names for names in found) >= 4
        assert all("dearer" in names for names in found if "dearest" in names)
        assert all("dear" in names for names in found if "dearer" in names)
