"""`surveymark backup`, `restore`, `copy`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from cmdb.stores.sqlite_store import SqliteStore
from tests.api.conftest import Done
from tests.baselines.site import Site
from tests.cmdb.stores.copying import lines

Run = Callable[..., Done]


def test_a_backup_restores_into_a_new_store_that_answers_the_same(surveymark: Run, site: Site, tmp_path: Path) -> None:
    file, new = tmp_path / "site.backup", f"sqlite://{tmp_path}/new.db"
    done = surveymark("backup", str(file), "--json")
    assert (done.status, done.json["revision"]) == (0, site.head())
    assert file.stat().st_mode & 0o777 == 0o600

    back = surveymark("restore", str(file), "--json", store=new)

    assert back.status == 0
    assert back.json["digest"] == done.json["digest"]
    assert (
        surveymark("ci", "find", "", "--json", store=new).json["items"]
        == surveymark("ci", "find", "", "--json").json["items"]
    )
    with closing(SqliteStore.open(tmp_path / "new.db")) as store:
        assert lines(store) == lines(site.store)
    assert surveymark("doctor", "--chain", "--json", store=new).json["checks"][1]["outcome"] == "ok"


def test_nothing_is_restored_over_something(surveymark: Run, tmp_path: Path) -> None:
    surveymark("backup", str(tmp_path / "site.backup"))

    done = surveymark("restore", str(tmp_path / "site.backup"))

    assert done.status == 4
    assert "not empty" in done.err


def test_an_altered_backup_is_refused_before_a_store_is_made(surveymark: Run, tmp_path: Path) -> None:
    file = tmp_path / "site.backup"
    surveymark("backup", str(file))
    file.write_bytes(file.read_bytes()[:-20])

    done = surveymark("restore", str(file), store=f"sqlite://{tmp_path}/new.db")

    assert done.status == 4
    assert "use another" in done.err
    assert not (tmp_path / "new.db").exists()


def test_a_backup_is_not_written_over(surveymark: Run, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("mine")

    done = surveymark("backup", str(tmp_path / "there"))

    assert (done.status, (tmp_path / "there").read_text()) == (2, "mine")


def test_a_store_is_copied(surveymark: Run, site: Site, tmp_path: Path, store_path: Path) -> None:
    one, other = f"sqlite://{store_path}", f"sqlite://{tmp_path}/copy.db"

    done = surveymark("copy", "--from", one, "--to", other, store="")

    assert done.status == 0
    assert f"revision:      {site.head()}" in done.out
    with closing(SqliteStore.open(tmp_path / "copy.db")) as store:
        assert lines(store) == lines(site.store)


def test_a_copy_has_two_stores_and_no_server(surveymark: Run, tmp_path: Path, store_path: Path) -> None:
    one = f"sqlite://{store_path}"
    for wrong in (
        ["copy", "--from", one, "--to", one],
        ["copy", "--from", one],
        ["copy", "--from", one, "--to", f"sqlite://{tmp_path}/x.db", "--store", one],
        ["copy", "--from", "neo4j://me:secret@host", "--to", one],
        ["backup", str(tmp_path / "x"), "--server", "https://cmdb.example"],
    ):
        done = surveymark(*wrong, store="")
        assert done.status == 2, done.err
        assert "secret" not in done.err


def test_a_store_that_is_not_there_is_not_made_to_be_backed_up(surveymark: Run, tmp_path: Path) -> None:
    done = surveymark("backup", str(tmp_path / "x"), store=f"sqlite://{tmp_path}/none.db")

    assert done.status == 2
    assert not (tmp_path / "none.db").exists()
    assert not (tmp_path / "x").exists()
