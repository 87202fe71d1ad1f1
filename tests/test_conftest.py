"""In CI nothing is skipped, except a test marked `shared` where the recordings are absent."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TELLING = """
import os

import pytest

@pytest.mark.campaign
def test_that_tells(tell):
    tell(os.environ["SURVEYMARK_CAMPAIGN"] + " one, 7 rounds")
"""

SKIPPING = """
import pytest

def test_that_passes():
    pass

def test_that_skips():
    pytest.skip("no such thing here")

@pytest.mark.shared
def test_on_recordings(recordings):
    assert recordings.is_dir()

@pytest.mark.shared("lab")
def test_in_a_lab():
    pytest.skip("no lab, or one that can not be brought up")
"""


@pytest.fixture
def project(tmp_path: Path, root: Path) -> Path:
    """A project with our conftest and settings of its own."""
    (tmp_path / "project" / "tests").mkdir(parents=True)
    conftest = (
        (root / "tests" / "conftest.py").read_text().replace('pytest_plugins = ["tests.servers.neo4j_server"]', "")
    )
    (tmp_path / "project" / "tests" / "conftest.py").write_text(conftest)
    (tmp_path / "project" / "tests" / "test_it.py").write_text(SKIPPING)
    (tmp_path / "project" / "pytest.ini").write_text("[pytest]\nmarkers =\n  shared: x\n  campaign: x\n")
    return tmp_path / "project"


@pytest.mark.parametrize(
    ("ci", "beside", "outcome"),
    [
        ("", (), "1 passed, 3 skipped"),
        ("true", (), "1 failed, 1 passed, 2 skipped"),
        ("true", ("data",), "1 failed, 2 passed, 1 skipped"),
        ("true", ("data", "lab"), "2 failed, 2 passed"),
    ],
)
def test_a_skip_fails_in_ci(project: Path, ci: str, beside: tuple[str, ...], outcome: str) -> None:
    for name in beside:
        (project.parent / "shared" / name).mkdir(parents=True)
    if "lab" in beside:
        (project.parent / "shared" / "lab" / "lab").touch()

    output = _pytest(project, ci)

    assert outcome in output
    assert ("skipped, which CI does not allow: Skipped: no such thing here" in output) == (ci == "true")


def test_a_file_that_skips_itself_fails_in_ci(project: Path) -> None:
    (project / "tests" / "test_it.py").write_text('import pytest\npytest.importorskip("no_such_library")\n')

    assert "1 error" in _pytest(project, "true")
    assert "1 skipped" in _pytest(project, "")


def test_a_campaign_is_short_unless_it_is_asked_to_be_long_and_what_it_tells_is_shown(project: Path) -> None:
    (project / "tests" / "test_it.py").write_text(TELLING)

    short, long = _pytest(project, ""), _pytest(project, "", "--campaign", "long")

    assert "campaigns (short)" in short
    assert "test_that_tells: 0 s, passed: short one, 7 rounds" in short
    assert "campaigns (long)" in long
    assert "passed: long one, 7 rounds" in long


def _pytest(project: Path, ci: str, *more: str) -> str:
    kept = ("HOME", "LANG", "PATH", "TMPDIR")
    environment = {name: os.environ[name] for name in kept if name in os.environ} | {"CI": ci}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-ra", "-p", "no:cacheprovider", *more],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
    ).stdout
