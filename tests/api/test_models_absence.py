"""Shapes of what is gone or long unseen."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from api.models_absence import Existence, Freshness, FreshnessWanted, ReasonWanted


@pytest.mark.parametrize("said", [{}, {"reason": ""}, {"reason": "r" * 1001}, {"reason": "r", "force": True}])
def test_a_reason_is_wanted_and_nothing_else(said: dict[str, Any]) -> None:
    assert ReasonWanted.model_validate({"reason": "r" * 1000}).reason == "r" * 1000
    with pytest.raises(ValidationError):
        ReasonWanted.model_validate(said)


def test_an_item_came_or_went() -> None:
    said = {"id": "i", "revision": 2, "state": "retired", "items": 1, "relations": 0}

    assert Existence.model_validate(said).state == "retired"
    with pytest.raises(ValidationError):
        Existence.model_validate({**said, "state": "stale"})


def test_a_run_over_everything_writes_unless_told_not_to() -> None:
    assert FreshnessWanted.model_validate({}).dry_run is False
    with pytest.raises(ValidationError):
        FreshnessWanted.model_validate({"dryrun": True})


def test_a_run_says_each_of_its_counts() -> None:
    counts = dict.fromkeys(("subjects", "stale", "current", "changed", "flows"), 0)
    whole = {"at": "2026-01-01T00:00:00.000000Z", "dry_run": False, "revisions": [2, 3], **counts}

    assert Freshness.model_validate(whole).revisions == [2, 3]
    for name in whole:
        with pytest.raises(ValidationError):
            Freshness.model_validate({k: v for k, v in whole.items() if k != name})
