"""A backup is a store in a file: whole, unaltered, nobody else's, or refused before anything is written."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cmdb import backup
from cmdb.model.errors import StoreError, UsageError
from cmdb.portable import Record
from cmdb.stores.sqlite_store import SqliteStore
from tests.cmdb.building import START, open_store
from tests.cmdb.stores.copying import lines
from tests.cmdb.stores.old_stores import tell
from tests.cmdb.without_calls import known_here, without


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with closing(open_store(tmp_path / "cmdb.db", genesis="7" * 64)) as store:
        tell(store)
        yield store


@pytest.fixture
def file(store: SqliteStore, tmp_path: Path) -> Path:
    file = tmp_path / "cmdb.backup"
    with store.dump() as dump:
        backup.write(file, dump, START)
    return file


def test_what_is_read_is_what_was_written(store: SqliteStore, file: Path, tmp_path: Path) -> None:
    kept = backup.verify(file)
    with closing(open_store(tmp_path / "again.db")) as again:
        again.load(kept.birth, kept.head, backup.read(file))

        assert lines(again) == lines(store)
    assert backup.told(kept) == {
        "revision": kept.head.number,
        "digest": kept.head.digest,
        "made_at": "2026-01-01T00:00:00.000000Z",
        "records": len(lines(store)),
    }


def test_a_backup_is_its_owners_alone_whatever_the_umask(store: SqliteStore, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with store.dump() as dump:
            backup.write(tmp_path / "new.backup", dump, START)
    finally:
        os.umask(before)

    assert (tmp_path / "new.backup").stat().st_mode & 0o777 == 0o600


def test_a_backup_is_never_written_over(store: SqliteStore, file: Path) -> None:
    before = file.read_bytes()
    with store.dump() as dump, pytest.raises(UsageError, match="is there already"):
        backup.write(file, dump, START)

    assert file.read_bytes() == before
    assert [f.name for f in file.parent.glob("*.part")] == []


def test_of_two_backups_into_one_file_the_first_that_is_whole_stands(store: SqliteStore, tmp_path: Path) -> None:
    file = tmp_path / "cmdb.backup"
    with store.dump() as dump:
        records = dump.records

        def overtaken() -> Iterator[Record]:
            with store.dump() as other:
                backup.write(file, other, START + 1)
            yield from records

        dump.records = overtaken()
        with pytest.raises(UsageError, match="there already"):
            backup.write(file, dump, START)

    assert backup.verify(file).made_at == START + 1
    assert sorted(tmp_path.glob("cmdb.backup*")) == [file]


def write_one(folder: Path, file: Path) -> int:
    with closing(open_store(folder / "another.db")) as store, store.dump() as dump:
        return backup.write(file, dump, START)


@known_here
def test_a_file_system_without_hard_links_takes_a_backup_too(tmp_path: Path) -> None:
    file = tmp_path / "cmdb.backup"

    without(("link", "linkat"), lambda: write_one(tmp_path, file))

    assert backup.verify(file).head.number == 0
    assert [f.name for f in tmp_path.glob("cmdb*")] == ["cmdb.backup"]


@known_here
def test_a_backup_that_can_not_get_its_name_without_a_risk_is_kept_under_another(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="the backup is whole, as") as told:
        without(("link", "linkat", "renameat2"), lambda: write_one(tmp_path, tmp_path / "cmdb.backup"))

    (kept,) = tmp_path.glob("cmdb*")
    assert str(kept) in told.value.message
    assert backup.verify(kept).head.number == 0


def test_a_backup_that_fails_leaves_no_file(store: SqliteStore, tmp_path: Path) -> None:
    def fail() -> Iterator[None]:
        yield from ()
        raise OSError(28, "No space left on device")

    with store.dump() as dump, pytest.raises(OSError, match="No space"):  # noqa: PT012 - the dump is held meanwhile
        dump.records = fail()  # type: ignore[assignment]
        backup.write(tmp_path / "full.backup", dump, START)

    assert list(tmp_path.glob("full*")) == []


def test_one_cut_anywhere_is_refused(file: Path) -> None:
    whole = file.read_bytes()
    for size in (0, 1, 9, 200, len(whole) // 2, len(whole) - 9, len(whole) - 1):
        file.write_bytes(whole[:size])
        with pytest.raises(StoreError, match=r"no backup|cut short"):
            backup.verify(file)


def test_one_of_which_a_line_was_changed_dropped_doubled_or_moved_is_refused(file: Path) -> None:
    given = gzip.decompress(file.read_bytes()).splitlines(keepends=True)
    changed = given.copy()
    changed[5] = changed[5].replace(b"ingest", b"digest")
    head = given.copy()
    head[0] = head[0].replace(b"7777", b"8888")
    assert changed != given
    assert head != given
    for altered in (
        changed,
        head,
        given[:5] + given[6:],
        [*given[:5], given[5], *given[5:]],
        [*given[:5], given[6], given[5], *given[7:]],
        given[:-1],
        [*given, given[-2]],
        [*given[:-1], b"{}\n"],
    ):
        file.write_bytes(gzip.compress(b"".join(altered)))
        with pytest.raises(StoreError, match="cut short or was altered"):
            backup.verify(file)


def test_one_that_is_altered_after_it_was_verified_ends_with_an_error(file: Path, tmp_path: Path) -> None:
    kept = backup.verify(file)
    given = gzip.decompress(file.read_bytes()).splitlines(keepends=True)
    file.write_bytes(gzip.compress(b"".join(given[:-4] + given[-1:])))

    with closing(open_store(tmp_path / "again.db")) as again:
        with pytest.raises(StoreError, match="altered"):
            again.load(kept.birth, kept.head, backup.read(file))
        assert again.genesis() != kept.birth.genesis
        with again.view() as view:
            assert view.head().number == 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (b"", "no backup"),
        (b"plain text\n", "no backup"),
        (gzip.compress(b"[1, 2]\n"), "no backup of Surveymark"),
        (gzip.compress(b"not json\n"), "no backup of Surveymark"),
        (gzip.compress(b'{"surveymark_backup": 9}\n'), "format 9, this Surveymark reads 1: upgrade"),
    ],
    # A compressed file has the time in its head, and the names of tests must be the same in every process of a run.
    ids=["empty", "text", "list", "no-json", "newer"],
)
def test_what_is_none_is_said(tmp_path: Path, wrong: bytes, said: str) -> None:
    file = tmp_path / "wrong"
    file.write_bytes(wrong)

    with pytest.raises(StoreError, match=said):
        backup.verify(file)


def test_one_of_a_newer_surveymark_is_refused_by_name(file: Path) -> None:
    given = gzip.decompress(file.read_bytes()).splitlines(keepends=True)
    head = json.loads(given[0])
    head["fields"]["scope"].append("mood")
    made = [json.dumps(head).encode() + b"\n", *given[1:-1]]
    digest = hashlib.sha256(b"".join(made)).hexdigest()
    made.append(json.dumps({"records": len(made) - 1, "sha256": digest}).encode() + b"\n")
    file.write_bytes(gzip.compress(b"".join(made)))

    with pytest.raises(StoreError, match=r"scope\.mood, which this Surveymark does not know: upgrade"):
        backup.verify(file)
