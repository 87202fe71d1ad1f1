"""Shapes of the API's documents about agents."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from api.agent_commands import WISHES as COMMANDS
from api.agents import WISHES
from api.models_agents import EnrolmentWanted, WishWanted

SAID: dict[str, Any] = {"host_name": "web1", "agent_key": "ab" * 16, "marks": {}}


def test_an_enrolment_says_what_it_must() -> None:
    assert EnrolmentWanted.model_validate(SAID).version == ""


@pytest.mark.parametrize("name", ["host_name", "agent_key", "marks"])
def test_nothing_of_it_may_be_left_out(name: str) -> None:
    with pytest.raises(ValidationError):
        EnrolmentWanted.model_validate({k: v for k, v in SAID.items() if k != name})


@pytest.mark.parametrize("wrong", [{"agent_key": "AB" * 16}, {"marks": []}, {"secret": "x"}, {"version": "v" * 201}])
def test_what_is_no_enrolment_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        EnrolmentWanted.model_validate({**SAID, **wrong})


def test_there_are_two_wishes_wherever_one_is_made() -> None:
    assert COMMANDS == WISHES == ("full_report", "pass_now")
    for wish in WISHES:
        WishWanted.model_validate({"wish": wish})
    with pytest.raises(ValidationError):
        WishWanted.model_validate({"wish": "run"})
