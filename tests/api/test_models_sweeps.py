"""Shapes of the API's documents about sweeps."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from api.models_sweeps import OutcomeWanted, SweepParameters, SweepPath
from collector.outcome import OUTCOMES, TargetOutcome


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_outcome_of_a_collector_is_taken(outcome: str) -> None:
    OutcomeWanted.model_validate(TargetOutcome("web", "10.0.0.1", outcome).document())


@pytest.mark.parametrize("said", [{"outcome": ""}, {"outcome": "done", "seconds": float("inf")}, {"outcome": "A"}])
def test_what_is_no_outcome_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        OutcomeWanted.model_validate(said)


def test_an_id_is_hexadecimal_and_a_page_is_bounded() -> None:
    for id_ in ("", "x" * 16, "a" * 15, "a" * 33, "A" * 16):
        with pytest.raises(ValidationError):
            SweepPath.model_validate({"id": id_})
    with pytest.raises(ValidationError):
        SweepParameters.model_validate({"limit": 1001})
