"""`surveymark incident`."""

from __future__ import annotations

from collections.abc import Callable

from tests.api.conftest import Done


def test_a_incident_is_added_to_and_shown(surveymark: Callable[..., Done]) -> None:
    surveymark("incident", "add", "tool.example/N1", "--title", "Something", "--ci", "class:Host")
    shown = surveymark("incident", "show", "N1")

    assert shown.status == 0
    assert shown.out.startswith("Incident tool.example/N1: Something\nAffects: Host web\n")
    assert surveymark("incident", "show", "N1", "--json").json["kind"] == "incident"
