"""`surveymark anchor`, and `doctor --anchor`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.api.conftest import Done
from tests.baselines.site import Site, system

Run = Callable[..., Done]


def test_an_anchor_is_printed_or_added_to_a_file(surveymark: Run, site: Site, tmp_path: Path) -> None:
    file = tmp_path / "anchors"

    printed = surveymark("anchor")
    surveymark("anchor", "--to", str(file))
    site.report("db", system("db"))
    surveymark("anchor", "--to", str(file), "--json")

    assert json.loads(printed.out)["revision"] == 1
    assert [json.loads(line)["revision"] for line in file.read_text().splitlines()] == [1, 2]
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_store_that_is_what_its_anchors_say_is_status_0(surveymark: Run, tmp_path: Path) -> None:
    file = tmp_path / "anchors"
    surveymark("anchor", "--to", str(file))

    done = surveymark("doctor", "--chain", "--anchor", str(file))

    assert done.status == 0
    assert f"1 anchor of {file}, each as it says" in done.out


def test_a_digest_that_was_made_anew_differs_from_the_anchor(surveymark: Run, site: Site, tmp_path: Path) -> None:
    file = tmp_path / "anchors"
    surveymark("anchor", "--to", str(file))
    with site.store.transaction() as tx:
        for table, column in (("revision", "digest"), ("head", "digest")):
            tx._db.execute(f"UPDATE {table} SET {column} = ?", ("c" * 64,))  # type: ignore[attr-defined]
    assert surveymark("doctor").status == 0

    done = surveymark("doctor", "--anchor", str(file), "--json")

    (found,) = [c for c in done.json["checks"] if c["check"] == "anchors"]
    assert done.status == 1
    assert "line 1, made at" in found["detail"]
    assert found["first"]
    assert found["place"]["revision"] == 1


def test_a_file_that_is_empty_unreadable_or_of_endless_lines_is_said(surveymark: Run, tmp_path: Path) -> None:
    file = tmp_path / "anchors"
    missing = surveymark("doctor", "--anchor", str(file))
    assert (missing.status, "can not be read" in missing.err) == (2, True)
    file.write_text("")
    assert "has no anchor" in surveymark("doctor", "--anchor", str(file)).out
    file.write_bytes(b"\xff" * 1_000_000 + b"\n" + b"x\n")
    done = surveymark("doctor", "--anchor", str(file))
    assert done.status == 1
    assert "line 1 can not be read" in done.out
    assert "line 2 can not be read" in done.out


def test_targets_of_the_settings_are_tried_now(
    surveymark: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "SURVEYMARK_ANCHOR_TO names no target" in surveymark("anchor", "--send").err
    monkeypatch.setenv("SURVEYMARK_ANCHOR_TO", f"file:{tmp_path}/anchors file:{tmp_path}/no/anchors")

    done = surveymark("anchor", "--send")

    assert done.status == 1
    assert "no/anchors can not be written" in done.err
    assert surveymark("doctor", "--anchor", f"{tmp_path}/anchors").status == 0
    assert "never sent; failed at" in surveymark("doctor").out


def test_anchors_are_not_asked_of_a_server(surveymark: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SURVEYMARK_TOKEN", "smt_x")
    for command in (["anchor"], ["doctor", "--anchor", "x"]):
        done = surveymark(*command, "--server", "http://127.0.0.1:1", store="")
        assert (done.status, "--store" in done.err) == (2, True)
