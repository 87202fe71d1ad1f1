"""Shapes of the API's documents about what people say."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from api.models_people import EditWanted


def test_values_keep_their_kind() -> None:
    wanted = EditWanted.model_validate({"q": "x", "set": {"a": True, "b": 1, "c": "1", "d": ["x"]}, "reason": "y"})

    assert [type(value) for value in wanted.set.values()] == [bool, int, str, list]


@pytest.mark.parametrize("value", [None, 1.5, {"a": 1}, [[1]]])
def test_what_no_attribute_can_be_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        EditWanted.model_validate({"q": "x", "set": {"a": value}, "reason": "y"})
