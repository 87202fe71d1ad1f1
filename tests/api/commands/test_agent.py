"""`surveymark agent once`."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from api.commands.agent import failures
from api.service import address, server, serving
from api.settings import Settings
from cmdb.model.batch import decode
from tests.api.conftest import Done, token
from tests.baselines.site import Site

Run = Callable[..., Done]


def test_this_host_lands_in_the_store(surveymark: Run) -> None:
    done = surveymark("agent", "once")
    again = surveymark("agent", "once", "--json").json

    assert done.status == 0
    assert done.out.startswith("Revision 2: ")
    assert again["ci"] == surveymark("ci", "find", "class:Host", "-name:web", "--json").json["items"][0]["id"]
    assert {"batch", "revision", "created", "updated", "retired", "unchanged", "superseded", "sections"} <= set(again)


def test_printing_shows_every_byte_that_would_leave_and_sends_none(
    surveymark: Run, process: Run, store_path: Path
) -> None:
    done = process("agent", "once", "--print", "--store", f"sqlite://{store_path}")

    batch = decode(done.out.encode())
    assert done.status == 0
    assert not [s.name for s in batch.sections if s.mismatch]
    assert "wall s" in done.err
    assert "bytes would leave" in done.err
    assert surveymark("ci", "find", "class:Host", "--json").json["total"] == 1


def test_printing_as_json_is_one_document(surveymark: Run) -> None:
    document = surveymark("agent", "once", "--print", "--json").json
    assert document["lines"][0]["batch"] == 1
    assert document["bytes"] > 1000


def test_without_a_store_the_section_of_keyed_digests_fails_and_strict_says_so(process: Run) -> None:
    done = process("agent", "once", "--print", "--strict")
    sections = {line["section"]: line for line in map(json.loads, done.out.splitlines()) if "section" in line}
    assert sections["config_files"]["outcome"] == "failed"
    assert done.status == 3


def test_a_named_store_that_can_not_be_opened_is_an_error_also_when_printing(surveymark: Run, tmp_path: Path) -> None:
    assert surveymark("agent", "once", "--print", store=f"sqlite://{tmp_path}/none.db").status == 2


def test_this_host_is_reported_to_a_server(
    surveymark: Run, app: object, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    from api.state import state

    monkeypatch.setenv("SURVEYMARK_TOKEN", token(site, "agent", state().source()))
    settings = Settings(port=0)
    made = server(app, settings)
    with serving(made):
        done = surveymark("agent", "once", "--server", address(made, settings), store="")
    assert (done.status, "created" in done.out) == (0, True)
    assert surveymark("ci", "find", "class:Host", "--json").json["total"] == 2


def test_failed_and_refused_sections_are_named(surveymark: Run) -> None:
    from agent.fact import Failed, SectionResult
    from agent.report import Report, section

    result = SectionResult("dmi", 1, (), (), "full", Failed("root only"))
    found = Report(None, [section(result)], [result])  # type: ignore[arg-type]
    problem = {"title": "no class", "path": "/x"}
    receipt = {"sections": [{"section": "os", "outcome": "refused", "problem": problem}]}
    assert failures(found) == ["dmi: root only"]
    assert failures(found, receipt) == ["dmi: root only", "os: refused, no class at /x"]


def test_printing_runs_on_python_3_9_with_nothing_installed(root: Path, tmp_path: Path) -> None:
    python = python39()
    if python is None:
        pytest.skip("no Python 3.9: pyenv install 3.9")
    code = "import sys; sys.path.insert(0, sys.argv.pop(1)); from api.cli import main; sys.exit(main())"
    environment = {"SURVEYMARK_STATE": str(tmp_path / "own"), "PATH": "/usr/bin:/bin"}
    ask = [python, "-I", "-S", "-c", code, str(root)]

    done = subprocess.run([*ask, "agent", "once", "--print"], capture_output=True, env=environment)
    other = subprocess.run([*ask, "ci", "find"], capture_output=True, text=True, env=environment)

    assert done.returncode == 0, done.stderr.decode()
    assert decode(done.stdout).sections
    assert (other.returncode, other.stderr.count("\n")) == (4, 1)
    assert "Python 3.11" in other.stderr


def python39() -> str | None:
    """A Python 3.9 that runs."""
    places = [shutil.which("python3.9"), *map(str, sorted(Path.home().glob(".pyenv/versions/3.9*/bin/python")))]
    return next((place for place in places if place and _answers(place)), None)


def _answers(place: str) -> bool:
    ask = "import sys; sys.exit(sys.version_info[:2] != (3, 9))"
    return subprocess.run([place, "-c", ask], stderr=subprocess.DEVNULL).returncode == 0 and place != sys.executable
