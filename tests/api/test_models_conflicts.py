"""Shapes of conflicts."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from api.models_conflicts import Conflict, ConflictsParameters


def test_a_conflict_is_open_or_resolved_and_has_proposals() -> None:
    row = {"number": 1, "state": "open", "kind": "shared", "cis": [], "identifiers": [], "source": "s", "reason": "r"}
    whole = {**row, "since": 1, "resolution": None, "proposals": [{"name": "same", "text": "They are one."}]}

    assert Conflict.model_validate(whole).proposals[0].name == "same"
    for wrong in ({**whole, "state": "odd"}, {**whole, "proposals": None}):
        with pytest.raises(ValidationError):
            Conflict.model_validate(wrong)


def test_a_parameter_that_there_is_not_is_refused() -> None:
    assert ConflictsParameters.model_validate({"all": "true"}).all is True
    with pytest.raises(ValidationError):
        ConflictsParameters.model_validate({"every": "true"})
