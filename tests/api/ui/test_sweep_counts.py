"""The bar of a sweep's outcomes: shares that add up, and nothing that is there is too small to be seen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from api.ui.sweep_counts import LEAST, WIDTH, label, parts, tone
from collector.outcome import OUTCOMES


@given(st.dictionaries(st.sampled_from(sorted(OUTCOMES)), st.integers(0, 10**6)), st.integers(0, 10**6))
def test_the_parts_fill_the_bar_without_gaps_and_none_vanishes(counts: dict[str, int], waiting: int) -> None:
    found = parts(counts, waiting)

    assert sum(part.count for part in found) == sum(counts.values()) + waiting
    x = 0
    for part in found:
        assert part.x == x
        assert part.width >= LEAST
        x += part.width
    assert x == (WIDTH if found else 0)


def test_what_was_looked_at_comes_first_and_what_waits_last() -> None:
    found = parts({"refused": 5, "done": 1, "partly": 2, "unreachable": 9}, 3)

    assert [part.outcome for part in found] == ["done", "partly", "unreachable", "refused", "waiting"]
    assert found[0].width < found[3].width < found[2].width


def test_outcomes_have_words_and_tones() -> None:
    assert [tone(word) for word in ("done", "same_host", "partly", "waiting", "host_key_changed", "new")] == [
        "good", "good", "part", "none", "bad", "bad",
    ]  # fmt: skip
    assert (label("host_key_changed"), label("waiting")) == ("host key changed", "not begun")
