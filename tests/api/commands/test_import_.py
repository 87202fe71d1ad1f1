"""`surveymark import`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from api.commands.import_ import FORMATS
from api.import_files import FORMATS as READ
from tests.api.conftest import Done
from tests.baselines.site import Site

Run = Callable[..., Done]


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "sheet.csv"
    path.write_text("name,owner\nweb,\x1b[31m=cmd\u202e\nnobody,ann\n")
    return path


def test_a_dry_run_names_what_changes_and_what_can_not(surveymark: Run, site: Site, sheet: Path) -> None:
    done = surveymark("import", str(sheet), "--class", "Host", "--match", "name", "--dry-run")

    assert (done.status, site.head()) == (2, 1)
    assert [line.split()[:3] for line in done.out.splitlines()[1:]] == [
        ["line", "3", "refused"],
        ["line", "2", "updated"],
    ]
    assert "1 updated, 0 unchanged, 0 retired, 1 refused; a dry run" in done.err
    assert "\x1b" not in done.out
    assert "\u202e" not in done.out


def test_the_good_rows_land_partly(surveymark: Run, site: Site, sheet: Path) -> None:
    whole = surveymark("import", str(sheet), "--class", "Host", "--match", "name")
    assert (whole.status, site.head()) == (2, 1)
    assert "--partly" in whole.err

    partly = surveymark("import", str(sheet), "--class", "Host", "--match", "name", "--partly", "--json")
    assert (partly.status, partly.json["source"], partly.json["updated"]) == (3, "import:sheet.csv", 1)
    assert "owner" in site.item("web").attributes


def test_yaml_is_taken_by_its_name(surveymark: Run, site: Site, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("- name: web\n  owner: no\n")

    done = surveymark("import", str(tmp_path / "x.yaml"), "--class", "Host", "--match", "name")

    assert (done.status, site.item("web").attributes["owner"]) == (0, "no")


def test_a_file_that_is_not_there_is_named(surveymark: Run, tmp_path: Path) -> None:
    done = surveymark("import", str(tmp_path / "none.csv"))

    assert done.status == 4
    assert "none.csv" in done.err


def test_formats_are_those_that_are_read() -> None:
    assert FORMATS == READ
