"""`surveymark identify replay`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.api.conftest import Done
from tests.baselines.site import Site

Run = Callable[..., Done]


def test_rules_that_change_nothing_end_with_0(surveymark: Run, tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text("[Host]\n")

    done = surveymark("identify", "replay", "--rules", str(tmp_path / "rules.toml"))

    assert (done.status, done.out) == (0, "Nothing would change.\n")
    assert "Told from 1 of 1 raw batches" in done.err


def test_what_would_change_ends_with_1_and_changes_nothing(surveymark: Run, site: Site, tmp_path: Path) -> None:
    (tmp_path / "rules.json").write_text('{"Host": {"ignore": ["agent"]}}')
    before = site.head()

    done = surveymark("identify", "replay", "--rules", str(tmp_path / "rules.json"))
    found = surveymark("identify", "replay", "--rules", str(tmp_path / "rules.json"), "--json")

    assert done.status == found.status == 1
    assert done.out.startswith("quarantine  Host web (")
    assert found.json["quarantined"][0]["ci"]["name"] == "web"
    assert site.head() == before


def test_what_can_not_be_told_ends_with_3(surveymark: Run, site: Site, tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text("")
    with site.store.transaction() as tx:
        tx.drop_raws([raw.number for raw in tx.raws()])

    done = surveymark("identify", "replay", "--rules", str(tmp_path / "rules.toml"))

    assert done.status == 3
    assert "Of 1 items no raw batch is kept" in done.err


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("rules.toml", "[Host", "neither TOML nor"),
        ("rules.json", "{", "neither TOML nor"),
        ("rules.toml", "[Printer]", "no rules for 'Printer'"),
        ("rules.toml", '[Host]\nidentfy = ["agent"]', "no rule 'identfy'"),
        ("missing.toml", None, "No such file"),
    ],
)
def test_wrong_rules_are_refused_by_name(
    surveymark: Run, tmp_path: Path, name: str, text: str | None, said: str
) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)

    done = surveymark("identify", "replay", "--rules", str(tmp_path / name))

    assert done.status == 2
    assert said in done.err


def test_it_reads_the_store_itself(surveymark: Run, tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text("")

    done = surveymark("identify", "replay", "--rules", str(tmp_path / "rules.toml"), "--server", "https://x", store="")

    assert done.status == 2
    assert "--store instead of --server" in done.err
