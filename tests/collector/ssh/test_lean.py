"""paramiko starts without invoke, and is whole all the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("start_lean(); print('invoke' in sys.modules, 'paramiko' in sys.modules)", "False True"),
        ("start_lean(); import collector.ssh.opening; print('invoke' in sys.modules)", "False"),
        ("import json as invoke; sys.modules['invoke'] = invoke; start_lean(); print('json' in str(invoke))", "True"),
        ("start_lean(); start_lean(); import json; print('invoke' in sys.modules)", "False"),
    ],
)
def test_paramiko_starts_without_invoke(root: Path, code: str, said: str) -> None:
    words = [sys.executable, "-c", f"import sys; from collector.ssh.lean import start_lean; {code}"]
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == said
