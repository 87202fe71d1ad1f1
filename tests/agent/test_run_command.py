"""The resident agent as a program of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.enrolment import Enrolled, save
from agent.spool import Spool
from agent.state import State

Run = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture
def state(tmp_path: Path) -> State:
    """The folder of an agent whose server is away: nothing listens at its port."""
    found = State(tmp_path / "state")
    save(found, Enrolled("http://127.0.0.1:1", "key", b"s" * 32, digest_key="ab" * 16))
    return found


@pytest.fixture
def agent(state: State, tmp_path: Path, root: Path) -> Iterator[Run]:
    """Starts `agent run`; ends what was started."""
    started: list[subprocess.Popen[str]] = []
    (tmp_path / "agent.conf").write_text("[agent]\ninterval = 3600\nwithout = accounts\n")
    environment = {
        **os.environ,
        "SURVEYMARK_AGENT_STATE": str(state.folder),
        "SURVEYMARK_AGENT_CONFIG": str(tmp_path / "agent.conf"),
    }

    def run() -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "agent", "run"]
        started.append(subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, cwd=root))
        return started[-1]

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def heard(process: subprocess.Popen[str], word: str) -> str:
    """The line of its log that has the word."""
    assert process.stderr is not None
    return next(line for line in process.stderr if word in line)


def waiting(state: State) -> int:
    return len(Spool(state.folder / "spool"))


def test_it_looks_keeps_what_it_saw_while_the_server_is_away_and_ends_when_told(agent: Run, state: State) -> None:
    process = agent()

    heard(process, "127.0.0.1:1")  # it could not be reached, so there is a report that waits
    process.send_signal(signal.SIGTERM)

    assert process.wait(60) == 0
    assert waiting(state) == 1


def test_a_second_one_in_the_same_folder_is_refused(agent: Run) -> None:
    first = agent()
    heard(first, "127.0.0.1:1")

    second = agent()
    _, said = second.communicate(timeout=60)

    assert second.returncode == 2
    assert "runs already" in said


def test_killed_at_any_moment_it_begins_anew_and_nothing_of_it_stays(agent: Run, state: State) -> None:
    process = agent()
    heard(process, "127.0.0.1:1")
    process.kill()
    process.wait()

    again = agent()
    heard(again, "127.0.0.1:1")
    again.terminate()

    assert again.wait(60) == 0
    assert waiting(state) >= 1


def test_who_is_enrolled_nowhere_is_told_the_remedy(agent: Run, state: State) -> None:
    (state.folder / "enrolment.json").unlink()

    process = agent()
    _, said = process.communicate(timeout=60)

    assert process.returncode == 2
    assert "enrol --server" in said
