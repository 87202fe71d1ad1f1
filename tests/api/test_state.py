"""Where an installation keeps its own things."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from api.state import SERVICE, State, state
from cmdb.model.errors import UsageError


def test_the_folder_is_named_or_that_of_a_service_or_of_a_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert state({"SURVEYMARK_STATE": "/a", "STATE_DIRECTORY": "/b"}).folder == Path("/a")
    assert state({"STATE_DIRECTORY": "/b:/c"}).folder == Path("/b")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert state({}).folder == SERVICE
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert state({"XDG_STATE_HOME": "/x"}).folder == Path("/x/surveymark")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert state({"XDG_STATE_HOME": "not/absolute"}).folder == tmp_path / ".local/state/surveymark"


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o770])
def test_a_folder_that_others_may_write_is_refused_before_anything_in_it_is_opened(tmp_path: Path, mode: int) -> None:
    own = State(tmp_path / "state")
    own.folder.mkdir()
    own.folder.chmod(mode)

    for use in (own.agent_key, own.next_sequence, lambda: own.store_url):
        with pytest.raises(UsageError, match="chmod 700"):
            use()
    assert list(own.folder.iterdir()) == []


def test_a_folder_with_odd_characters_makes_a_store_url_that_leads_there(tmp_path: Path) -> None:
    assert State(Path("/a b/c%d")).store_url == "sqlite:///a%20b/c%25d/surveymark.db"


def test_sweeps_report_under_a_name_of_their_own_for_each_zone(tmp_path: Path) -> None:
    own = State(tmp_path / "state")

    assert own.collector("default").startswith("ssh:")
    assert own.collector("dmz") == own.collector("default") + ":dmz"
    assert own.source().partition(":")[2] not in own.collector("default")
