"""The agent and the vocabulary run on Python 3.9 with the standard library and psutil: imported and tested under one.

script/test makes `.venv-python39` from locks/python39.txt with the Python 3.9 that it finds on the PATH or under pyenv.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

PACKAGES = ("agent", "cmdb/model")
# Everything that the suite asks for by name must stay out of that environment's way.
_INHERITED = ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_TESTRUNUID", "PYTHONPATH", "VIRTUAL_ENV")


@pytest.fixture(scope="module")
def python39(root: Path) -> Path:
    """The interpreter of .venv-python39. In CI its absence is a failure, as every skip."""
    python = root / ".venv-python39" / "bin" / "python"
    if not python.exists():
        pytest.skip(
            "the agent was not tried under Python 3.9: install one (python3.9 on the PATH, or pyenv install 3.9), "
            "then run script/test"
        )
    return python


def test_every_module_imports_under_python_39(root: Path, python39: Path) -> None:
    modules = [
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        for package in PACKAGES
        for path in sorted((root / package).rglob("*.py"))
    ]

    outcome = _run(
        root, python39, "-c", "import importlib, sys; [importlib.import_module(n) for n in sys.argv[1:]]", *modules
    )

    assert outcome.returncode == 0, outcome.stdout


def test_their_tests_pass_under_python_39(root: Path, python39: Path) -> None:
    folders = [f"tests/{package}" for package in PACKAGES if any((root / "tests" / package).rglob("test_*.py"))]
    if not folders:
        return  # pytest without arguments would run everything

    outcome = _run(root, python39, "-m", "pytest", "-q", "-p", "no:cacheprovider", *folders)

    assert outcome.returncode == 0, outcome.stdout[-8000:]


@pytest.mark.parametrize("command", ["credential attempts", "anchor", "drift x", "backup x", "credential list"])
def test_a_command_that_needs_more_says_so(root: Path, python39: Path, command: str) -> None:
    outcome = _run(
        root, python39, "-c", "import sys; from api.cli import main; sys.exit(main(sys.argv[1:]))", *command.split()
    )

    assert outcome.returncode != 0
    assert "needs Python 3.11 or later" in outcome.stdout


def _run(root: Path, python: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in _INHERITED}
    return subprocess.run(
        [python, "-W", "error", "-B", *arguments],
        cwd=root,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
