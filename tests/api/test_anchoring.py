"""Anchors go where the settings say, once a day, and what became of them is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.anchoring import EVERY, daily, send, standing, targets
from cmdb.anchors import read
from cmdb.model.errors import SurveymarkError, UsageError
from cmdb.model.times import SECOND
from tests.baselines.site import START, Site, system


def test_targets_come_from_the_environment_or_a_file_of_its_owner(tmp_path: Path) -> None:
    file = tmp_path / "targets"
    file.write_text("https://example.org/hook\n\nsyslog:\n")
    file.chmod(0o600)

    assert targets({}) == []
    assert [t.label for t in targets({"SURVEYMARK_ANCHOR_TO": "file:/a syslog:"})] == ["file:/a", "syslog:/dev/log"]
    assert [t.label for t in targets({"SURVEYMARK_ANCHOR_TO_FILE": str(file)})] == [
        "https://example.org",
        "syslog:/dev/log",
    ]


def test_settings_that_can_not_be_are_refused_by_name(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("two words")
    token.chmod(0o600)
    open_to_all = tmp_path / "open"
    open_to_all.write_text("syslog:")
    open_to_all.chmod(0o644)
    for given, said in (
        ({"SURVEYMARK_ANCHOR_TO": "gopher:x"}, "SURVEYMARK_ANCHOR_TO: a target is"),
        ({"SURVEYMARK_ANCHOR_TO": "syslog:", "SURVEYMARK_ANCHOR_TO_FILE": "x"}, "not both"),
        ({"SURVEYMARK_ANCHOR_TO": "syslog: " * 9}, "9 targets"),
        ({"SURVEYMARK_ANCHOR_TO": "syslog:", "SURVEYMARK_ANCHOR_TOKEN_FILE": str(token)}, "holds no token"),
        ({"SURVEYMARK_ANCHOR_TO_FILE": str(open_to_all)}, "chmod 600"),
    ):
        with pytest.raises(UsageError, match=said):
            targets(given)


def test_an_anchor_goes_once_a_day_and_again_after_a_failure(site: Site, tmp_path: Path) -> None:
    good, bad = tmp_path / "anchors", tmp_path / "later" / "anchors"
    to = targets({"SURVEYMARK_ANCHOR_TO": f"file:{good} file:{bad}"})
    time = START + 9 * EVERY

    with pytest.raises(SurveymarkError, match=f"{bad} can not be written"):
        daily(site.store, to, lambda: time)
    bad.parent.mkdir()
    site.report("db", system("db"))
    daily(site.store, to, lambda: time + 3600 * SECOND)
    daily(site.store, to, lambda: time + 7200 * SECOND)
    assert [read(line).revision for line in good.read_text().splitlines()] == [1]
    assert [read(line).revision for line in bad.read_text().splitlines()] == [2]

    daily(site.store, to, lambda: time + EVERY)
    assert [read(line).revision for line in good.read_text().splitlines()] == [1, 2]


def test_what_became_of_each_target_is_told(site: Site, tmp_path: Path) -> None:
    assert standing(site.store, START) == []
    good = targets({"SURVEYMARK_ANCHOR_TO": f"file:{tmp_path}/anchors file:{tmp_path}/no/anchors"})
    (failed,) = send(site.store, good, lambda: START)

    first, second = standing(site.store, START + SECOND)
    assert first[1]
    assert "revision 1 at 2026-01-01T00:00:00" in first[2]
    assert not second[1]
    assert failed in second[2]
    assert "never sent" in second[2]
    assert "none since then" in standing(site.store, START + 3 * EVERY)[0][2]

    send(site.store, good[:1], lambda: START)
    assert len(standing(site.store, START)) == 1
