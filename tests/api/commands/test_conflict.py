"""`surveymark conflict`."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.api.conftest import Done
from tests.api.routes.test_conflicts import cloned, two
from tests.baselines.site import Site

Run = Callable[..., Done]

__all__ = ["cloned", "two"]


def test_open_conflicts_are_listed(surveymark: Run, cloned: Site) -> None:
    done = surveymark("conflict", "list")

    assert done.status == 0
    assert "shared" in done.out
    assert "1 conflicts are open" in done.err
    assert surveymark("conflict", "list", "--json", "--all").json["items"][0]["number"] == 1


def test_a_page_tells_how_to_go_on(surveymark: Run, two: Site) -> None:
    first = surveymark("conflict", "list", "--limit", "1")
    (cursor,) = re.findall(r"More with --cursor (\S+)", first.err)
    second = surveymark("conflict", "list", "--limit", "1", "--cursor", cursor, "--json").json

    assert "1 conflicts are open on this page" in first.err
    assert ([c["number"] for c in second["items"]], second["next"]) == ([2], None)
    assert surveymark("conflict", "list", "--limit", "0").status == 2


def test_one_is_shown_with_what_may_be_done(surveymark: Run, cloned: Site) -> None:
    done = surveymark("conflict", "show", "1")

    assert "keep-apart" in done.out
    assert "two" in done.out
    assert surveymark("conflict", "show", "7").status == 2


def test_one_is_resolved_with_a_reason(surveymark: Run, cloned: Site) -> None:
    assert surveymark("conflict", "resolve", "1", "--as", "keep-apart").status == 2
    done = surveymark("conflict", "resolve", "1", "--as", "keep-apart", "--reason", "clones")
    assert done.status == 0
    assert "resolved as keep-apart" in done.err
    assert "clones" in surveymark("conflict", "show", "1").out
