"""`surveymark ci explain`."""

from __future__ import annotations

from collections.abc import Callable

from api.models_explanation import Explanation
from tests.api.conftest import Done
from tests.baselines.site import Site, packages

Run = Callable[..., Done]


def test_it_says_what_matched_and_who_told_each_value(surveymark: Run, site: Site) -> None:
    done = surveymark("ci", "explain", "class:Host")

    assert done.status == 0
    assert "nothing that was known matched: a new CI" in done.out
    assert "Only " in done.out
    Explanation.model_validate(surveymark("ci", "explain", "class:Host", "--json").json)


def test_the_past_is_refused_with_the_reason(surveymark: Run, site: Site) -> None:
    site.report("web", packages("curl=9"))
    done = surveymark("ci", "explain", "class:Host", "--at", "1")

    assert done.status == 2
    assert "Claims are kept of the present only" in done.err
    assert surveymark("ci", "explain", "class:Host name:nobody").status == 2
