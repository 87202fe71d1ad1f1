"""The agent has the version of the project."""

from __future__ import annotations

import re
from pathlib import Path

from agent.version import VERSION


def test_it_is_that_of_the_project(root: Path) -> None:
    assert re.findall(r'^version = "(.+)"$', (root / "pyproject.toml").read_text(), re.MULTILINE) == [VERSION]
