"""What change and incident records have in common on the command line."""

from __future__ import annotations

from collections.abc import Callable

from tests.api.conftest import Done
from tests.baselines.site import Site, packages

Run = Callable[..., Done]


def test_reports_are_pinned_and_stay_what_they_were(surveymark: Run, site: Site) -> None:
    surveymark("baseline", "create", "b", "--scope", "")
    kept = surveymark("impact", "class:Host", "--keep", "--json").json["document"]

    surveymark("change", "add", "C1", "--ci", "class:Host", "--pin", kept, "--impact", "--drift", "b")
    before = surveymark("change", "show", "C1", "--json").json["pins"]
    site.report("web", packages("other=1"))
    surveymark("change", "add", "C1", "--title", "later")

    assert {p["kind"] for p in before} == {"impact", "drift", "baseline"}
    assert kept in {p["digest"] for p in before}
    assert surveymark("change", "show", "C1", "--json").json["pins"] == before


def test_nothing_half_said_is_kept(surveymark: Run) -> None:
    refused = surveymark("incident", "add", "I1", "--ci", "class:Host", "--start", "soon")
    assert refused.status == 2
    assert surveymark("incident", "show", "I1").status == 2
