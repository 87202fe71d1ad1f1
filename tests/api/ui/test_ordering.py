"""Order and height of vertices in layers."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from api.ui.ordering import Vertex, arrange, spaced


def _joined(one: Vertex, other: Vertex) -> None:
    one.behind.append(other)
    other.before.append(one)


def _gap(upper: Vertex, lower: Vertex) -> int:
    return (upper.height + lower.height) // 2


def test_lines_that_need_not_cross_do_not() -> None:
    left = [Vertex(0, 10) for _ in range(4)]
    right = [Vertex(1, 10) for _ in range(4)]
    for one, other in zip(left, reversed(right), strict=True):
        _joined(one, other)
    wanted = right[::-1]

    arrange([left, right], _gap)

    assert [v.behind[0] for v in left] == right
    assert right in (wanted, wanted[::-1])
    assert [v.middle for v in left] == [v.middle for v in right]


def test_those_of_one_group_stay_together_whatever_draws_them_apart() -> None:
    left = [Vertex(0, 10) for _ in range(3)]
    right = [Vertex(1, 10, "g"), Vertex(1, 10), Vertex(1, 10, "g")]
    for one, other in zip(left, right, strict=True):
        _joined(one, other)

    arrange([left, right], _gap)

    places = [place for place, vertex in enumerate(right) if vertex.group]
    assert places in ([0, 1], [1, 2])


@given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=30), st.lists(st.floats(1, 50), min_size=30, max_size=30))
def test_heights_keep_their_order_and_distance(wanted: list[float], gaps: list[float]) -> None:
    offsets = [0.0, *itertools.accumulate(gaps)][: len(wanted)]

    found = spaced(wanted, offsets)

    for upper, lower, gap in zip(found, found[1:], gaps, strict=False):
        assert lower - upper >= gap - 1e-6


def test_heights_are_those_wanted_where_nothing_is_in_the_way() -> None:
    assert spaced([5.0, 100.0, 300.0], [0.0, 10.0, 20.0]) == [5.0, 100.0, 300.0]
    assert spaced([50.0, 50.0], [0.0, 10.0]) == [45.0, 55.0]
