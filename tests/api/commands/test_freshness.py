"""`surveymark freshness`."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.api.conftest import Done
from tests.baselines.site import Site

Run = Callable[..., Done]


def test_what_was_last_seen_long_ago_is_stale_once(surveymark: Run, site: Site) -> None:
    first = surveymark("freshness", "--dry-run")
    done = surveymark("freshness", "--json")
    again = surveymark("freshness")

    assert "1 would be stale" in first.err
    assert json.loads(done.out)["stale"] == 1
    assert "0 stale" in again.err
    assert [line.split()[3] for line in surveymark("ci", "find", "class:Host").out.splitlines()[1:]] == ["stale"]
