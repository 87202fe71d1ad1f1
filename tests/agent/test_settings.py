"""What a host says of its own agent."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.settings import INTERVAL_SECONDS, VARIABLE, Settings, parse, settings
from cmdb.model.errors import UsageError


def test_without_a_file_nothing_is_said() -> None:
    assert settings({}) == Settings()


def test_a_file_says_how_often_and_what_stays_here(tmp_path: Path) -> None:
    path = tmp_path / "agent.conf"
    path.write_text("[agent]\ninterval = 60\nwithout = accounts, sshd\n[server]\nurl = https://a/%7E\n")

    found = settings({VARIABLE: str(path)})

    assert (found.interval_seconds, found.without) == (60, frozenset({"accounts", "sshd"}))
    assert found.sections["server"] == {"url": "https://a/%7E"}


def test_what_is_not_said_is_as_without_a_file() -> None:
    assert parse("[server]\nurl = x\n").interval_seconds == INTERVAL_SECONDS


@pytest.mark.parametrize("text", ["[agent]\ninterval = 1\n", "[agent]\ninterval = soon\n", "no section\n", "[a\n"])
def test_what_can_not_be_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="The agent's settings"):
        parse(text)


@pytest.mark.parametrize("mode", [0o666, 0o664])
def test_a_file_that_others_may_write_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "agent.conf"
    path.write_text("[agent]\n")
    path.chmod(mode)

    with pytest.raises(UsageError, match="written by others"):
        settings({VARIABLE: str(path)})


def test_a_named_file_must_be_there_and_be_a_text_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        settings({VARIABLE: str(tmp_path / "none")})
    with pytest.raises(UsageError, match="regular"):
        settings({VARIABLE: "/dev/null"})
    (tmp_path / "odd").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="no text"):
        settings({VARIABLE: str(tmp_path / "odd")})
