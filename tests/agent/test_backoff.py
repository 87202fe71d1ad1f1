"""Waiting after failures: longer each time, never together, and as long as the server asks."""

from __future__ import annotations

import pytest

from agent.backoff import LONGEST_SECONDS, Backoff


def test_each_wait_may_be_twice_as_long_up_to_a_quarter_of_an_hour() -> None:
    slow = Backoff(lambda: 1.0)

    assert [slow.failed() for _ in range(8)] == [15, 30, 60, 120, 240, 480, 900, 900]
    assert [slow.failed() for _ in range(2000)][-1] == LONGEST_SECONDS


def test_half_of_each_wait_is_chance() -> None:
    assert Backoff(lambda: 0.0).failed() == 7.5
    assert len({Backoff().failed() for _ in range(50)}) > 40


def test_a_success_begins_anew() -> None:
    waiting = Backoff(lambda: 1.0)
    waiting.failed()
    waiting.failed()
    waiting.succeeded()

    assert waiting.failed() == 15


@pytest.mark.parametrize(("asked", "least", "most"), [(7, 7, 9), (600, 600, 676), (0, 1, 2.2), (10**9, 86_400, 97_201)])
def test_what_the_server_asks_for_is_obeyed_and_a_little_more(asked: float, least: float, most: float) -> None:
    waits = [Backoff(lambda chance=chance: chance).failed(asked) for chance in (0.0, 1.0)]  # type: ignore[misc]

    assert least == waits[0] < waits[1] <= most
