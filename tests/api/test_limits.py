"""How often somebody may ask."""

from __future__ import annotations

from api import limits
from api.limits import Limit
from cmdb.model.times import SECOND


class Clock:
    now = 0

    def __call__(self) -> int:
        return self.now


def test_a_burst_is_let_through_and_then_only_as_much_as_time_brings() -> None:
    clock = Clock()
    limit = Limit(2, clock)

    assert [limit.take("a"), limit.take("a")] == [0, 0]
    wait = limit.take("a")
    assert 30 <= wait <= 31
    assert limit.take("b") == 0
    clock.now += wait * SECOND
    assert limit.take("a") == 0


def test_names_are_forgotten_beyond_a_number() -> None:
    limit = Limit(1, Clock())
    for number in range(limits.MOST + 1):
        limit.take(str(number))
    assert limit.take("0") == 0
    assert limit.take(str(limits.MOST)) > 0
