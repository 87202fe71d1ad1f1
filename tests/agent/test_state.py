"""Where an agent keeps its own things."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent.state import SERVICE, State, folder, secret_file, state
from cmdb.model.errors import SurveymarkError, UsageError


def test_the_folder_is_named_or_that_of_a_service_or_of_a_user(monkeypatch: pytest.MonkeyPatch) -> None:
    assert state({"SURVEYMARK_AGENT_STATE": "/a", "STATE_DIRECTORY": "/b"}).folder == Path("/a")
    assert state({"STATE_DIRECTORY": "/b:/c"}).folder == Path("/b")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert state({}).folder == SERVICE
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert folder("X", SERVICE, {"XDG_STATE_HOME": "/x"}) == Path("/x/surveymark-agent")


def test_the_agent_key_is_born_once_and_nobody_else_reads_it(tmp_path: Path) -> None:
    own = State(tmp_path / "state")
    key = own.agent_key()

    assert (len(key), own.agent_key()) == (32, key)
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "state/agent.key").stat().st_mode & 0o777 == 0o600
    assert key not in own.source()
    assert own.source() == State(tmp_path / "state").source()


def test_agents_that_begin_at_once_have_one_key(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from agent.state import State; print(State(Path(sys.argv[1])).agent_key())"
    root = Path(__file__).resolve().parents[2]
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=root)
        for _ in range(4)
    ]
    assert len({one.communicate()[0] for one in running}) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["agent.key"]


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    own = State(tmp_path)
    own.agent_key()
    (tmp_path / "agent.key").chmod(0o644)

    with pytest.raises(UsageError, match="chmod 600"):
        own.agent_key()


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o770])
def test_a_folder_that_others_may_write_is_refused_before_anything_in_it_is_opened(tmp_path: Path, mode: int) -> None:
    own = State(tmp_path / "state")
    own.folder.mkdir()
    own.folder.chmod(mode)

    for use in (own.agent_key, own.next_sequence):
        with pytest.raises(UsageError, match="chmod 700"):
            use()
    assert list(own.folder.iterdir()) == []


def test_a_key_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "agent.key").write_text("short")
    (tmp_path / "agent.key").chmod(0o600)

    with pytest.raises(SurveymarkError, match="holds no agent key"):
        State(tmp_path).agent_key()


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("7\n")
    (tmp_path / "sequence").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(SurveymarkError, match="can not be written"):
        State(tmp_path).next_sequence()
    assert (tmp_path / "elsewhere").read_text() == "7\n"


def test_numbers_only_grow_and_processes_at_once_get_different_ones(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from agent.state import State; s = State(Path(sys.argv[1]))\n"
    code += "for _ in range(20): print(s.next_sequence())"
    root = Path(__file__).resolve().parents[2]
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=root)
        for _ in range(3)
    ]
    numbers = [int(line) for one in running for line in one.communicate()[0].split()]

    assert sorted(numbers) == list(range(1, 61))


def test_many_numbers_are_one_journey_to_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forced: list[int] = []
    monkeypatch.setattr("os.fsync", forced.append)
    monkeypatch.setattr("agent.state._boot", lambda: "one")

    assert [State(tmp_path).next_sequence() for _ in range(130)] == list(range(1, 131))
    assert len(forced) == 3
    assert (tmp_path / "sequence").read_text() == "192\n"


def test_another_start_of_the_machine_skips_what_it_can_not_tell_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    boots = ["one"] * 3 + ["two"] * 2 + [""] * 2 + ["two"]
    monkeypatch.setattr("agent.state._boot", lambda: boots.pop(0))

    assert [State(tmp_path).next_sequence() for _ in range(8)] == [1, 2, 3, 65, 66, 129, 130, 131]


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"one 64",
        b"one 64 1",
        b"one 64 -3\n",
        b"one 64 65\n",
        b"one 64 0\n",
        b"one 63 2\n",
        b"\xff\xfe",
        b"one 64 1\n0\n",
    ],
)
def test_a_last_number_that_does_not_hold_gives_none_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    monkeypatch.setattr("agent.state._boot", lambda: "one")
    for _ in range(5):
        State(tmp_path).next_sequence()
    (tmp_path / "sequence.now").write_bytes(said)

    assert [State(tmp_path).next_sequence() for _ in range(2)] == [65, 66]


def test_a_count_that_somebody_wrote_is_gone_on_from(tmp_path: Path) -> None:
    State(tmp_path).next_sequence()
    (tmp_path / "sequence").write_text("7000\n")

    assert [State(tmp_path).next_sequence() for _ in range(2)] == [7001, 7002]


def test_a_sequence_that_is_no_number_is_said(tmp_path: Path) -> None:
    (tmp_path / "sequence").write_text("many")
    with pytest.raises(SurveymarkError, match="holds no number"):
        State(tmp_path).next_sequence()


def test_a_folder_that_can_not_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SurveymarkError, match="SURVEYMARK_AGENT_STATE"):
        State(tmp_path / "file/state").agent_key()


def test_a_secret_is_read_from_a_regular_file_of_its_owner_only(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(" hush \n")
    secret.chmod(0o600)
    assert secret_file(secret) == "hush"
    with pytest.raises(UsageError, match="can not be read"):
        secret_file(tmp_path / "none")
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(UsageError, match="no regular file"):
        secret_file(tmp_path / "pipe")
    secret.write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="no text"):
        secret_file(secret)
