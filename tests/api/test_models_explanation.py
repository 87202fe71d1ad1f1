"""Shapes of an explanation."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from api.models_explanation import ExplainedIdentifier, Explanation


def test_what_is_shared_names_who_has_it() -> None:
    found = ExplainedIdentifier.model_validate({"identifier": "serial a/b/c", "weak": False, "shared": {"cis": ["A"]}})

    assert found.shared == {"cis": ["A"]}


def test_an_explanation_has_all_its_parts() -> None:
    with pytest.raises(ValidationError):
        Explanation.model_validate({"ci": {}, "known_as": "", "identity": []})
