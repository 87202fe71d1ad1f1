"""Shapes of the physical map's document."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from api.models_topology import TopologyNode, TopologyParameters


@pytest.mark.parametrize(
    "said", [{"depth": -1}, {"most": 9}, {"class": ["Endpoint"]}, {"ci": ["x"] * 1001}, {"more": 1}]
)
def test_what_is_out_of_bounds_or_unknown_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TopologyParameters.model_validate(said)


def test_a_box_of_several_classes_has_none() -> None:
    box = {"id": "~A", "class": None, "name": "3 hosts and devices", "role": None, "discovered": None, "group": None}
    found = TopologyNode.model_validate({**box, "linked": True, "count": 3, "links_within": 2})
    assert (found.class_, found.links_within) == (None, 2)
