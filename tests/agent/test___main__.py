"""The host's side as a program of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_it_tells_its_commands(root: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "agent", "--help"], capture_output=True, text=True, cwd=root)

    assert done.returncode == 0
    assert "once" in done.stdout
