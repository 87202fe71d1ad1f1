"""`surveymark hold`."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.api.conftest import Done
from tests.baselines.site import Site

Run = Callable[..., Done]


def test_a_hold_is_set_listed_and_released(surveymark: Run, site: Site) -> None:
    made = surveymark("hold", "add", "case 7", "--scope", "class:Host", "--reason", "a lawsuit")
    assert "case 7 holds since revision" in made.err
    assert "a lawsuit" in surveymark("hold", "list").out
    assert surveymark("hold", "add", "case 7", "--scope", "class:Host", "--reason", "again").status == 2
    assert "released" in surveymark("hold", "release", "case 7", "--reason", "settled").err
    assert json.loads(surveymark("hold", "list", "--json").out)["items"] == []
    assert surveymark("hold", "release", "case 7", "--reason", "settled").status == 2
