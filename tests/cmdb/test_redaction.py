"""What is erased is gone from the files, told as erased, and refused where the past hangs on it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from baselines.drift import drift, exit_status
from baselines.redacting import rewritten
from cmdb.edit import Words, edit
from cmdb.model.errors import ConflictError, NotFoundError
from cmdb.query import history, show
from cmdb.redaction import lift, redact
from tests.cmdb.building import Receiver, Reporter, open_store, packages, system
from tests.cmdb.stores.conformance_erasing import TOKEN, clock, erase, told
from tests.cmdb.stores.conformance_traces import told_everywhere


def test_no_byte_of_the_value_is_left_in_the_files(tmp_path: Path) -> None:
    with closing(open_store(tmp_path / "cmdb.db")) as store:
        cmdb, _ = told(store)
        assert found(tmp_path)
        assert erase(cmdb)["scrubbed"]
        assert not found(tmp_path)
        assert cmdb.found(TOKEN) == []
    assert not found(tmp_path)


def test_no_byte_is_left_in_the_files_of_what_was_told_everywhere(tmp_path: Path) -> None:
    with closing(open_store(tmp_path / "cmdb.db")) as store:
        cmdb = told_everywhere(store)
        assert {"cmdb.db-wal"} <= set(found(tmp_path))
        assert erase(cmdb)["scrubbed"]
        assert {file.name for file in tmp_path.iterdir()} >= {"cmdb.db", "cmdb.db-wal"}
        assert not found(tmp_path)
    assert not found(tmp_path)


def test_a_reader_keeps_the_files_from_being_cleaned_and_that_is_said(tmp_path: Path) -> None:
    with (
        closing(open_store(tmp_path / "cmdb.db", patience=0.2)) as store,
        closing(open_store(tmp_path / "cmdb.db")) as other,
    ):
        cmdb, _ = told(store)
        with other.view():
            assert not erase(cmdb)["scrubbed"]
        assert store.scrub()
        assert not found(tmp_path)


def test_what_was_erased_is_told_as_erased(cmdb: Receiver) -> None:
    told(cmdb.store)
    done = erase(cmdb)
    id_ = cmdb.one("class:Host").id
    with cmdb.view() as view:
        named = {"reason": "a secret", "revision": done["revision"], "by": "me", "at": "2026-01-01T00:00:20.000001Z"}
        assert show(view, id_)["redacted"] == {"os_version": named}
        (row,) = (r for r in history(view, id_)["items"] if r["attribute"] == "os_version")
        assert (row["kind"], row["before"], row["cause"]) == ("redacted", "[redacted]", "a secret")
        report = drift(view, "b")
        (gone,) = (d for d in report["deviations"] if d["attribute"] == "os_version")
        assert gone["kind"] == "not_comparable"
        assert "redacted by revision" in gone["reason"]
        assert exit_status(report) == 3


def test_a_state_of_before_names_what_was_erased_of_it_also_when_that_was_lifted_since(cmdb: Receiver) -> None:
    _, web = told(cmdb.store)
    cmdb.take(Reporter("db").batch(system("db", os_version="13")))
    id_, other = cmdb.one("class:Host name:web").id, cmdb.one("class:Host name:db").id
    first, before = 1, cmdb.head()
    erased = erase(cmdb)["revision"]
    lifted = lift(cmdb.store, id_, "os_version", "a mistake", "you", clock(cmdb), cmdb.random)["revision"]
    cmdb.now = 50
    cmdb.take(web.batch(system("web", os="debian", os_version="13"), at=50))
    with cmdb.view() as view:
        assert "redacted" not in show(view, id_)
        for at in (first, before, erased):
            (why,) = show(view, id_, at)["redacted"].values()
            assert (why["revision"], why["by"], why["reason"]) == (erased, "me", "a secret")
            assert why["lifted"] == lifted
        assert "redacted" not in show(view, id_, lifted + 1)
        assert "redacted" not in show(view, other, before)


def test_a_state_that_never_had_the_value_is_not_said_to_have_lost_it(cmdb: Receiver) -> None:
    web = Reporter("web")
    cmdb.take(web.batch(system("web", os="debian")))
    cmdb.now = 20
    cmdb.take(web.batch(system("web", os="debian", os_version="12"), at=20))
    erased = erase(cmdb)["revision"]
    id_ = cmdb.one("class:Host").id
    with cmdb.view() as view:
        assert "redacted" not in show(view, id_, 1)
        assert show(view, id_, 2)["redacted"]["os_version"]["revision"] == erased


def test_a_value_that_people_said_is_erased_and_may_not_be_said_again(cmdb: Receiver) -> None:
    cmdb.take(Reporter("web").batch(system("web")))
    id_ = cmdb.one("class:Host").id
    words = Words(values={"owner": "Ann Example"})
    edit(cmdb.store, f"id:{id_}", words, "me", "said", clock=clock(cmdb), randomness=cmdb.random)
    redact(cmdb.store, id_, "owner", "a person", "me", rewritten, clock(cmdb), cmdb.random)
    with pytest.raises(ConflictError, match="redacted"):
        edit(cmdb.store, f"id:{id_}", words, "me", "again", clock=clock(cmdb), randomness=cmdb.random)
    lift(cmdb.store, id_, "owner", "agreed", "me", clock(cmdb), cmdb.random)
    edit(cmdb.store, f"id:{id_}", words, "me", "again", clock=clock(cmdb), randomness=cmdb.random)
    assert cmdb.one("class:Host").attributes["owner"] == "Ann Example"
    redact(cmdb.store, id_, "owner", "a person", "me", rewritten, clock(cmdb), cmdb.random)
    cmdb.sound()


def test_two_values_of_one_state_are_erased_one_after_the_other(cmdb: Receiver) -> None:
    told(cmdb.store)
    erase(cmdb)
    id_ = cmdb.one("class:Host").id
    redact(cmdb.store, id_, "os", "another", "me", rewritten, clock(cmdb), cmdb.random)
    cmdb.sound()


def test_a_value_that_is_not_there_or_tells_the_ci_apart_is_refused(cmdb: Receiver) -> None:
    cmdb.take(Reporter("web").batch(system("web"), packages("openssl")))
    package = cmdb.one("class:SoftwarePackage")
    host = cmdb.one("class:Host")
    head = cmdb.head()
    with pytest.raises(ConflictError, match="told apart by"):
        redact(cmdb.store, package.id, "name", "r", "me", rewritten, clock(cmdb), cmdb.random)
    with pytest.raises(NotFoundError, match="no value of 'owner'"):
        redact(cmdb.store, host.id, "owner", "r", "me", rewritten, clock(cmdb), cmdb.random)
    with pytest.raises(NotFoundError):
        redact(cmdb.store, "nobody", "owner", "r", "me", rewritten, clock(cmdb), cmdb.random)
    with pytest.raises(NotFoundError, match="not redacted"):
        lift(cmdb.store, host.id, "os", "r", "me", clock(cmdb), cmdb.random)
    assert cmdb.head() == head


def found(folder: Path) -> list[str]:
    """Files that have the value."""
    return [file.name for file in folder.iterdir() if TOKEN.encode() in file.read_bytes()]
