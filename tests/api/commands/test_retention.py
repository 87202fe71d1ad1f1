"""`surveymark retention`."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.api.conftest import Done
from tests.baselines.site import Site

Run = Callable[..., Done]


def test_an_age_is_set_told_run_and_taken_back(surveymark: Run, site: Site) -> None:
    assert "kept for ever" in surveymark("retention", "show").err
    done = surveymark("retention", "set", "--age", "400d", "--class", "Host", "--reason", "policy")
    assert [line.split() for line in done.out.splitlines()[1:]] == [["Host", "400d"]]
    assert "would be freed" in surveymark("retention", "run", "--dry-run").err
    assert json.loads(surveymark("retention", "run", "--json").out)["states"] == 0
    assert json.loads(surveymark("retention", "show", "--json").out)["ages"][0]["days"] == 400
    (told,) = (line for line in surveymark("doctor").out.splitlines() if "retention" in line)
    assert "the next run would free 0 states" in told
    assert surveymark("retention", "set", "--age", "off", "--class", "Host", "--reason", "revoked").status == 0
    assert json.loads(surveymark("retention", "show", "--json").out)["ages"] == []


def test_an_age_that_is_none_is_refused(surveymark: Run, site: Site) -> None:
    for age in ("400", "a year", "0d", "-1d"):
        done = surveymark("retention", "set", f"--age={age}", "--reason", "policy")
        assert done.status == 2
        assert "days" in done.err
