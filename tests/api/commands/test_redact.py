"""`surveymark redact`."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.api.conftest import Done
from tests.baselines.site import Site

Run = Callable[..., Done]


def test_a_value_is_erased_shown_as_erased_and_lifted(surveymark: Run, site: Site) -> None:
    id_ = json.loads(surveymark("ci", "find", "class:Host", "--json").out)["items"][0]["id"]
    done = surveymark("redact", id_, "memory_bytes", "--reason", "a secret")
    assert done.status == 0
    assert "memory_bytes is erased by revision" in done.err
    assert "memory_bytes was redacted by revision" in surveymark("ci", "show", id_).out
    assert surveymark("redact", id_, "memory_bytes", "--reason", "a secret").status == 2
    lifted = surveymark("redact", id_, "memory_bytes", "--lift", "--reason", "a mistake", "--json")
    assert json.loads(lifted.out)["revision"] == site.head()
