"""Is everything sound."""

from __future__ import annotations

import importlib.util
import os
import pwd
from pathlib import Path

import pytest

from api.doctor import environment, examine
from cmdb.raw import Limits, trim
from tests.baselines.site import Site, packages


def test_a_sound_store_has_no_findings(site: Site) -> None:
    found = examine(site.store)
    assert found["findings"] == 0
    assert {"store", "chain", "python", "privilege", "module psutil"} <= {c["check"] for c in found["checks"]}
    assert all(bool(c["remedy"]) == (c["outcome"] != "ok") for c in found["checks"])


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE revision SET digest = 'x' WHERE number = 1", "revision 2 does not follow from revision 1"),
        ("DELETE FROM revision WHERE number = 1", "revision 1 is missing"),
        ("UPDATE revision SET committed_at = 1 WHERE number = 2", "revision 2 was committed before revision 1"),
        ("DELETE FROM revision WHERE number = 2", "the head says revision 2, the last one there is 1"),
    ],
)
def test_a_chain_that_was_written_past_us_is_found(site: Site, statement: str, said: str) -> None:
    site.report("web", packages("curl=2"))
    with site.store.transaction() as tx:
        tx._db.execute("PRAGMA foreign_keys = OFF")  # type: ignore[attr-defined]
        tx._db.execute(statement)  # type: ignore[attr-defined]

    found = examine(site.store)

    assert said in [c["detail"] for c in found["checks"] if c["outcome"] == "problem"]
    assert found["findings"] >= 1


def test_a_missing_module_is_a_problem_unless_it_is_optional(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    outcomes = {c["check"]: c["outcome"] for c in environment()}
    assert (outcomes["module cheroot"], outcomes["module neo4j"]) == ("problem", "warning")


def test_an_ordinary_user_is_told_what_can_not_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    (row,) = [c for c in environment() if c["check"] == "privilege"]
    assert (row["outcome"], row["remedy"]) == ("warning", "run the agent as root for all of it")


def test_a_program_is_there_or_missing_or_not_to_be_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"/there": None, "/missing": "", "/other": "/other can be written by others"}
    monkeypatch.setattr("api.doctor.PROGRAMS", {name: (name,) for name in said})
    monkeypatch.setattr("api.doctor.distrust", said.get)
    outcomes = {c["check"]: c["outcome"] for c in environment() if c["check"].startswith("program")}
    assert outcomes == {"program /there": "ok", "program /missing": "warning", "program /other": "problem"}


def test_a_program_that_belongs_to_its_own_account_is_run_with_the_rights_of_that(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "lldpctl").touch()
    owner = pwd.getpwuid(os.getuid()).pw_name
    monkeypatch.setattr("api.doctor.PROGRAMS", {"/own": (str(tmp_path / "lldpctl"),)})
    monkeypatch.setattr("api.doctor.distrust", lambda path: f"{path} can be written by others")

    for accounts, outcome in (({"/own": owner}, "ok"), ({"/own": "another"}, "problem"), ({}, "problem")):
        monkeypatch.setattr("api.doctor.OWN_ACCOUNT", accounts)
        assert [c["outcome"] for c in environment() if c["check"] == "program /own"] == [outcome]


def test_it_says_how_far_raw_batches_reach_and_what_was_dropped(site: Site) -> None:
    def said() -> str:
        (check,) = [c for c in examine(site.store)["checks"] if c["check"] == "raw batches"]
        assert check["outcome"] == "ok"
        return str(check["detail"])

    assert said().startswith("1 kept, 0.0 MiB, the oldest of 2026-01-01T00:0")
    with site.store.transaction() as tx:
        trim(tx, Limits(days=1), site.time + 10 * 86_400_000_000)

    assert said().startswith("0 kept, 0.0 MiB; 1 dropped, up to 2026-01-01T00:0")
