"""Proposed commands."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from api.state import state
from api.ui import remedies


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SURVEYMARK_STATE", str(tmp_path / "a state"))
    return tmp_path / "a state"


def test_a_store_that_would_be_opened_anyway_is_not_named(folder: Path) -> None:
    words = shlex.split(remedies.command(state().store_url, "drift", "first"))

    assert words[1:] == ["drift", "first"]
    assert words[0].endswith("surveymark")


def test_a_path_written_with_more_slashes_is_the_same_store(folder: Path) -> None:
    assert remedies.command(f"sqlite:///{folder}/surveymark.db") == remedies.command(state().store_url)
    assert remedies.command("sqlite:////srv/x.db").endswith("--store sqlite:///srv/x.db")


def test_another_store_is_named_and_every_word_is_quoted(folder: Path) -> None:
    text = remedies.command("neo4j://db", "baseline", "create", "x; rm -rf /", "--scope", "")

    assert shlex.split(text)[1:] == ["baseline", "create", "x; rm -rf /", "--scope", "", "--store", "neo4j://db"]


def test_root_reports_under_the_same_agent_key(folder: Path) -> None:
    words = shlex.split(remedies.as_root(state().store_url))

    assert words[:3] == ["sudo", "env", f"SURVEYMARK_STATE={folder}"]
    assert words[-2:] == ["agent", "once"]
