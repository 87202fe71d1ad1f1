"""When links are derived anew."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest

from api.links_due import LinksDue


class Hand:
    """A clock that is moved by hand."""

    time = 0.0

    def __call__(self) -> float:
        return self.time


def receipt(**outcomes: str) -> dict[str, Any]:
    return {"sections": [{"section": name, "outcome": outcome} for name, outcome in outcomes.items()]}


def ran(due: LinksDue, clock: Hand, seconds: float = 0.0) -> None:
    def derive(told: Collection[str]) -> dict[str, Any]:
        clock.time += seconds
        return {}

    due.run(derive)


def test_they_are_once_at_first_and_then_every_hour() -> None:
    clock = Hand()
    due = LinksDue(clock)
    assert due.due()

    ran(due, clock)
    assert not due.due()
    clock.time += 3_599
    assert not due.due()
    clock.time += 1
    assert due.due()


@pytest.mark.parametrize(
    ("said", "came"),
    [
        ({"neighbours": "collected"}, True),
        ({"network": "collected", "os": "unchanged"}, True),
        ({"forwarding": "unchanged"}, True),
        ({"neighbours": "unchanged"}, False),
        ({"neighbours": "failed"}, False),
        ({"packages": "collected"}, False),
        ({}, False),
    ],
)
def test_they_are_when_evidence_came(said: dict[str, str], came: bool) -> None:
    clock = Hand()
    due = LinksDue(clock)
    ran(due, clock)

    due.note(receipt(**said))

    assert (due.came, due.due()) == (came, came)
    ran(due, clock)
    assert (due.came, due.due()) == (False, False)


def test_a_run_that_took_long_waits_the_longer_for_the_next() -> None:
    clock = Hand()
    due = LinksDue(clock)
    ran(due, clock, 10)
    due.note(receipt(device="collected"))

    clock.time += 199
    assert not due.due()
    clock.time += 1
    assert due.due()


def test_what_came_counts_still_after_a_run_that_failed() -> None:
    due = LinksDue(Hand())
    due.note(receipt(device="collected"))

    def fail(told: Collection[str]) -> dict[str, Any]:
        raise ValueError

    with pytest.raises(ValueError):
        due.run(fail)
    assert due.came


def test_what_comes_during_a_run_counts_for_the_next() -> None:
    due = LinksDue(Hand())

    def derive(told: Collection[str]) -> dict[str, Any]:
        due.note(receipt(device="collected"))
        return {}

    due.run(derive)
    assert due.came


def test_a_run_is_given_the_cis_of_which_evidence_came_and_again_where_it_failed() -> None:
    due = LinksDue(Hand())
    seen: list[set[str]] = []

    def derive(told: Collection[str]) -> dict[str, Any]:
        seen.append(set(told))
        if len(seen) == 1:
            raise ValueError
        return {}

    due.note({**receipt(forwarding="unchanged"), "ci": "a"})
    due.note({**receipt(packages="collected"), "ci": "b"})
    with pytest.raises(ValueError):
        due.run(derive)
    due.note({**receipt(neighbours="collected"), "ci": "c"})
    due.run(derive)
    due.run(derive)

    assert seen == [{"a"}, {"a", "c"}, set()]
