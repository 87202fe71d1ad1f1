"""What tests of the agent can ask for."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def trusted() -> Iterator[Path]:
    """A folder that only root can write, as all above it; pytest's own lies below /tmp, where everybody can."""
    if os.geteuid() != 0:
        pytest.fail("this test plants files of root and of others: run it as root")
    path = Path(f"/var/lib/surveymark-test-{os.getpid()}")
    path.mkdir(mode=0o755)
    yield path
    shutil.rmtree(path)
