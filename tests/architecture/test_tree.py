"""The tree keeps its shape: a test for every module, one subject a file, nothing of one machine."""

from __future__ import annotations

import subprocess
from pathlib import Path, PurePosixPath

import pytest

PACKAGES = ("agent", "api", "baselines", "cmdb", "collector")
MOST_LINES = 400
CODE = {".css", ".html", ".java", ".js", ".py", ".sh"}
# Files that may be longer, each with why it is still one subject.
LONGER: dict[str, str] = {}
# What is proved by a suite of another name: the port by the conformance suite, its states by every test of a store.
PROVED_BY = {
    "cmdb/ports.py": "tests/cmdb/stores/conformance.py",
    "cmdb/states.py": "tests/cmdb/stores/conformance.py",
}
# The pieces of a store adapter are one adapter, and proved as one.
ADAPTERS = {
    "cmdb/stores/neo4j_": "tests/cmdb/stores/test_neo4j_store.py",
    "cmdb/stores/sqlite_": "tests/cmdb/stores/test_sqlite_store.py",
}
# Recordings of other machines quote those machines' paths.
RECORDINGS = "tests/recordings/"


@pytest.fixture(scope="module")
def files(root: Path) -> list[PurePosixPath]:
    """Files of the checkout, tracked or about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return [PurePosixPath(name) for name in listed.split("\0") if name and (root / name).is_file()]


def test_every_module_has_a_test_of_its_name(root: Path, files: list[PurePosixPath]) -> None:
    modules = [file for file in files if file.parts[0] in PACKAGES and file.suffix == ".py" and file.stem != "__init__"]
    expected = {module: _test_of(module) for module in modules}

    missing = [f"{test} (for {module})" for module, test in expected.items() if not (root / test).is_file()]

    assert not missing, "modules without a test:\n" + "\n".join(missing)


def _test_of(module: PurePosixPath) -> PurePosixPath:
    for start, test in ADAPTERS.items():
        if str(module).startswith(start):
            return PurePosixPath(test)
    return PurePosixPath(PROVED_BY.get(str(module)) or PurePosixPath("tests", module.parent, f"test_{module.name}"))


def test_a_file_has_one_subject(root: Path, files: list[PurePosixPath]) -> None:
    lengths = {str(file): len((root / file).read_text().splitlines()) for file in files if file.suffix in CODE}

    long = [f"{name}: {lines} lines" for name, lines in lengths.items() if lines > MOST_LINES and name not in LONGER]

    assert not long, f"above {MOST_LINES} lines; look for the second subject:\n" + "\n".join(long)


def test_no_file_names_a_place_of_this_machine(root: Path, files: list[PurePosixPath]) -> None:
    homes = [f"/root/{folder}" for folder in (".cache", ".local", ".m2", ".pyenv", ".venv")]
    if Path.home() != Path("/root"):
        homes.append(f"{Path.home()}/")
    places = [place.encode() for place in (str(root), *homes)]
    ours = PurePosixPath(Path(__file__).relative_to(root))

    wrong = [
        f"{file}: {place.decode()}"
        for file in files
        if file != ours and not str(file).startswith(RECORDINGS)
        for place in places
        if place in (root / file).read_bytes()
    ]

    assert not wrong, "absolute paths of one machine:\n" + "\n".join(wrong)
