"""`ci merge` and `ci split`."""

from __future__ import annotations

from collections.abc import Callable

from tests.api.conftest import Done
from tests.api.routes.test_conflicts import cloned
from tests.baselines.site import Site

Run = Callable[..., Done]

__all__ = ["cloned"]


def test_a_merge_says_how_it_is_undone(surveymark: Run, cloned: Site) -> None:
    one, two = cloned.id("one"), cloned.id("two")

    done = surveymark("ci", "merge", one, "name:two", "--reason", "one machine")
    assert done.status == 0
    assert f"ci split {two}" in done.err
    assert one in surveymark("ci", "show", two).out
    assert "merged" in surveymark("ci", "history", one).out
    assert surveymark("ci", "split", two, "--reason", "not so", "--json").json["split"] == two


def test_without_a_reason_nothing_is_done(surveymark: Run, cloned: Site) -> None:
    head = cloned.head()
    assert surveymark("ci", "merge", "name:one", "name:two").status == 2
    assert surveymark("ci", "split", "name:one", "--reason", "x").status == 2
    assert cloned.head() == head
