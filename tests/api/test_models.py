"""Shapes of the API's documents."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from api.models import FindParameters, Health, TokenWanted


def test_a_document_may_have_more_members_but_no_fewer() -> None:
    assert Health.model_validate({"status": "ok", "revision": 1, "more": 2}).revision == 1
    with pytest.raises(ValidationError):
        Health.model_validate({"status": "ok"})


def test_what_a_caller_sends_has_no_unknown_member() -> None:
    with pytest.raises(ValidationError):
        FindParameters.model_validate({"colour": "red"})
    with pytest.raises(ValidationError):
        TokenWanted.model_validate({"name": "x", "roles": ["king"]})
