"""`surveymark change`."""

from __future__ import annotations

from collections.abc import Callable

from tests.api.conftest import Done


def test_a_change_is_added_to_and_shown(surveymark: Callable[..., Done]) -> None:
    surveymark("change", "add", "tool.example/N1", "--title", "Something", "--ci", "class:Host")
    shown = surveymark("change", "show", "N1")

    assert shown.status == 0
    assert shown.out.startswith("Change tool.example/N1: Something\nAffects: Host web\n")
    assert surveymark("change", "show", "N1", "--json").json["kind"] == "change"
