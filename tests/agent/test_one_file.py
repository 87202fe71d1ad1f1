"""The agent as one file: the same bytes each time, nothing in it that the host lacks, and it runs on its own."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from agent.one_file import NAME, archive, build


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("one_file") / NAME
    path.write_bytes(build())
    return path


def run(file: Path, *arguments: str, folder: Path, program: str = sys.executable) -> subprocess.CompletedProcess[str]:
    """The file in a process that sees no other place where Python looks for modules."""
    return subprocess.run(
        [program, "-I", "-S", str(file), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "SURVEYMARK_AGENT_STATE": str(folder / "state")},
    )


def test_the_same_source_gives_the_same_bytes(file: Path) -> None:
    assert build() == file.read_bytes()


def test_it_holds_the_agent_and_the_vocabulary_and_nothing_else(file: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(file.read_bytes())) as archive_:
        names = archive_.namelist()

    folders = {name.rpartition("/")[0] for name in names}
    assert folders == {"", "agent", "agent/facts", "cmdb", "cmdb/model", "cmdb/model/classes"}
    assert [name for name in names if name.startswith("cmdb/") and name.count("/") == 1] == ["cmdb/__init__.py"]
    assert names == sorted(names)


def test_it_runs_by_itself_with_the_standard_library_alone(file: Path, tmp_path: Path) -> None:
    done = run(file, "--json", "once", "--print", folder=tmp_path)

    assert done.returncode == 0, done.stderr
    assert '"section":"os_release"' in done.stdout.replace(" ", "")


def test_an_older_python_is_told_what_is_needed(file: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(file) as archive_:
        (tmp_path / "main.py").write_bytes(archive_.read("__main__.py"))
    told = "import sys; sys.version_info = (3, 6, 8); exec(open('main.py').read())"

    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, cwd=tmp_path, timeout=60)

    assert done.returncode == 1
    assert done.stderr == "surveymark-agent needs Python 3.9 or later; this is 3.6.\n"


def test_an_archive_that_runs_gives_itself(file: Path, tmp_path: Path) -> None:
    code = "import sys; sys.path.insert(0, sys.argv[1]); from agent.one_file import archive, build; import hashlib;"
    code += "print(archive(), hashlib.sha256(build()).hexdigest())"

    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, str(file)], capture_output=True, text=True, cwd=tmp_path, timeout=60
    )

    import hashlib

    assert done.stdout.split() == [str(file), hashlib.sha256(file.read_bytes()).hexdigest()], done.stderr
    assert archive() is None


def test_it_may_be_run_as_a_program(file: Path, tmp_path: Path) -> None:
    own = tmp_path / NAME
    own.write_bytes(file.read_bytes())
    own.chmod(0o755)

    done = subprocess.run(
        [str(own), "--help"], capture_output=True, text=True, timeout=60, env={**os.environ, "PYTHONPATH": ""}
    )

    assert "once" in done.stdout, done.stderr
