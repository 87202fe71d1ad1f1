"""The recorder writes what the replaying shell reads."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from agent.facts import memory
from agent.recording import RecordedShell
from tests.agent.supplied import RECORDINGS, attributes, run


def test_a_recording_of_this_machine_can_be_replayed(root: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "agent.recording", "--facts", "memory,kernel", "--note", "a test"]
    done = subprocess.run(command, cwd=root, capture_output=True, check=True)
    (tmp_path / "recording.json").write_bytes(done.stdout)

    assert "memory_bytes" in attributes(run(memory, RecordedShell.load(tmp_path / "recording.json")))


def test_every_recording_says_of_what_system_it_is_and_how_it_was_made() -> None:
    for path in RECORDINGS.glob("*.json"):
        about = json.loads(path.read_text("utf-8"))["about"]
        assert {"os", "kernel", "date", "command", "note", "privilege"} <= set(about), path.name
