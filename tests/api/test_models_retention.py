"""Shapes of retention and holds."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from api.models_retention import AgeWanted, HoldWanted


def test_an_age_has_days_or_null_and_a_reason() -> None:
    assert AgeWanted.model_validate({"days": None, "reason": "r"}).days is None
    assert AgeWanted.model_validate({"days": 400, "class": "Host", "reason": "r"}).class_name == "Host"
    for wrong in ({"reason": "r"}, {"days": 0, "reason": "r"}, {"days": 1, "reason": ""}, {"days": 1, "why": "r"}):
        with pytest.raises(ValidationError):
            AgeWanted.model_validate(wrong)


def test_a_hold_has_a_name_and_may_be_of_everything() -> None:
    assert HoldWanted.model_validate({"name": "case 7", "scope": "", "reason": "r"}).scope == ""
    with pytest.raises(ValidationError):
        HoldWanted.model_validate({"name": "", "scope": "", "reason": "r"})
