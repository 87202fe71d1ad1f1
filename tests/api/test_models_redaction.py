"""Shapes of redaction."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from api.models_redaction import RedactionWanted


def test_a_redaction_names_ci_attribute_and_reason() -> None:
    body = {"ci": "x", "attribute": "owner", "reason": "a person"}
    assert RedactionWanted.model_validate(body).attribute == "owner"
    for name in body:
        with pytest.raises(ValidationError):
            RedactionWanted.model_validate({**body, name: ""})
