"""The commands of the host's side."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.command_line import main
from agent.facts import FACTS


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The agent's state of this test."""
    monkeypatch.setenv("SURVEYMARK_AGENT_STATE", str(tmp_path / "state"))
    monkeypatch.delenv("SURVEYMARK_AGENT_CONFIG", raising=False)
    return tmp_path / "state"


def test_once_prints_a_line_for_every_fact(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["once", "--print", "--json"]) == 0

    document = json.loads(capsys.readouterr().out)
    assert [line["section"] for line in document["lines"] if "section" in line] == list(FACTS)


def test_a_wrong_word_is_said_with_the_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["twice"]) == 2
    assert "--help" in capsys.readouterr().err


def test_an_agent_that_is_enrolled_nowhere_hands_in_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["once"]) == 2
    assert "enrolled" in capsys.readouterr().err
