"""What happens to the SQLite store when its disk, its folder or its file is not what it should be: for real."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import pytest

from cmdb.model.errors import StoreError, UsageError
from cmdb.stores.sqlite_schema import VERSION
from cmdb.stores.sqlite_store import SqliteStore
from cmdb.stores.sqlite_store_transaction import SqliteTransaction
from tests.cmdb.building import Receiver, Reporter, open_store, packages, system
from tests.cmdb.stores.writer import batch_of

NOBODY = 65534


@contextmanager
def started(root: Path, *arguments: object, before: Sequence[str] = ()) -> Iterator[subprocess.Popen[str]]:
    """The writer with these arguments in a process of its own, ended if it still runs."""
    command = [*before, sys.executable, "-m", "tests.cmdb.stores.writer", *map(str, arguments)]
    process = subprocess.Popen(
        command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def one_sentence(text: str, *parts: str) -> None:
    """One line that names the thing, without a traceback."""
    assert len(text.strip().splitlines()) == 1, text
    assert "Traceback" not in text
    for part in parts:
        assert part in text


def as_ordinary_user(path: Path) -> str:
    """What is said to an ordinary user who writes into the store at this path."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:  # nothing is imported from here on: nobody may not read what root's Python consists of
        status = 1
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            with closing(open_store(path)) as store:
                Receiver(store).take(batch_of("a", 0))
        except StoreError as error:
            os.write(write, error.message.encode())
            status = 0
        finally:
            os._exit(status)
    os.close(write)
    with os.fdopen(read) as said_of_it:
        text = said_of_it.read()
    assert os.waitpid(child, 0)[1] == 0, "it was written, or failed otherwise"
    return text


def test_many_that_make_the_same_store_at_once_agree_on_it(root: Path, tmp_path: Path) -> None:
    file = tmp_path / "new" / "cmdb.db"
    with started(root, file, "a", 1) as a, started(root, file, "b", 1) as b, started(root, file, "c", 1) as c:
        ends = [said(process) for process in (a, b, c)]

    assert [(status, err) for status, _, err in ends] == [(0, "")] * 3
    with closing(open_store(file)) as store:
        assert Receiver(store).names("class:Host") == ["a", "b", "c"]


@pytest.fixture
def unshare() -> list[str]:
    """A command that runs another one in a mount namespace of its own, where it may mount."""
    command = [shutil.which("unshare") or "unshare", *(["-m"] if os.geteuid() == 0 else ["-r", "-m"])]
    if subprocess.run([*command, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False).returncode:
        pytest.skip("neither root nor user namespaces: a small disk can not be mounted")
    return command


class TestDisks:
    def small(self, unshare: list[str], folder: Path, size: str, then: str = "") -> list[str]:
        mount = f'mount -t tmpfs -o size={size} tmpfs "{folder}" && {then or "true"} && exec "$@"'
        return [*unshare, "sh", "-c", mount, "sh"]

    def test_a_full_disk_is_said_and_nothing_is_half_written(
        self, root: Path, tmp_path: Path, unshare: list[str]
    ) -> None:
        kept = tmp_path / "kept"
        kept.mkdir()
        disk = tmp_path / "disk"
        disk.mkdir()
        # What the store holds once the disk is full is copied out of the namespace for a look.
        before = [
            *self.small(unshare, disk, "2m", "true")[:-2],
            f'mount -t tmpfs -o size=2m tmpfs "{disk}" && "$@"; status=$?; cp "{disk}"/* "{kept}"; exit $status',
            "sh",
        ]
        with started(root, disk / "cmdb.db", "a", 500, before=before) as process:
            status, out, err = said(process)

        assert status == 4
        one_sentence(err, str(disk / "cmdb.db"), "is full", "free some space")
        acknowledged = len(out.splitlines())
        assert acknowledged > 0
        with closing(open_store(kept / "cmdb.db")) as store:
            cmdb = Receiver(store)
            cmdb.sound()
            assert cmdb.head() == acknowledged
            assert cmdb.take(batch_of("a", acknowledged))["revision"] == acknowledged + 1

    def test_a_disk_too_small_for_a_new_store_is_said(self, root: Path, tmp_path: Path, unshare: list[str]) -> None:
        with started(root, tmp_path / "cmdb.db", "a", 1, before=self.small(unshare, tmp_path, "16k")) as process:
            status, _, err = said(process)

        assert status == 4
        one_sentence(err, "is full")

    def test_a_read_only_file_system_is_said(self, root: Path, tmp_path: Path, unshare: list[str]) -> None:
        with closing(open_store(tmp_path / "cmdb.db")):
            pass
        read_only = f'mount --bind "{tmp_path}" "{tmp_path}" && mount -o remount,ro,bind "{tmp_path}" && exec "$@"'
        for name in ("cmdb.db", "new.db"):
            before = [*unshare, "sh", "-c", read_only, "sh"]
            with started(root, tmp_path / name, "a", 1, before=before) as process:
                status, _, err = said(process)

            assert status == 4
            one_sentence(err, str(tmp_path / name))


class TestPermissions:
    """As an ordinary user; root may do everything, and so becomes nobody for this."""

    @pytest.fixture
    def folder(self) -> Iterator[Path]:
        """A folder that an ordinary user reaches, unlike those of pytest."""
        with TemporaryDirectory() as made:
            folder = Path(made)
            folder.chmod(0o755)
            yield folder
            folder.chmod(0o755)

    def test_a_folder_that_may_not_be_written_is_said(self, folder: Path) -> None:
        folder.chmod(0o555)
        for path in (folder / "cmdb.db", folder / "new" / "cmdb.db"):
            one_sentence(as_ordinary_user(path), str(folder), "ermission")
        assert list(folder.iterdir()) == []

    def test_a_store_that_may_not_be_read_is_said(self, folder: Path) -> None:
        file = folder / "cmdb.db"
        with closing(open_store(file)):
            pass
        before = file.read_bytes()
        file.chmod(0)

        one_sentence(as_ordinary_user(file), str(file), "ermission")

        file.chmod(0o600)
        assert file.read_bytes() == before

    def test_a_store_that_may_only_be_read_is_said(self, folder: Path) -> None:
        file = folder / "cmdb.db"
        with closing(open_store(file)):
            pass
        file.chmod(0o444)
        folder.chmod(0o555)

        one_sentence(as_ordinary_user(file), str(file))

    def test_a_folder_that_may_not_be_entered_is_said(self, folder: Path) -> None:
        closed = folder / "closed"
        closed.mkdir()
        closed.chmod(0)

        one_sentence(as_ordinary_user(closed / "cmdb.db"), str(closed), "ermission")
        closed.chmod(0o755)

    def test_a_new_store_is_its_owners_alone(self, tmp_path: Path) -> None:
        with closing(open_store(tmp_path / "made" / "cmdb.db")) as store:
            Receiver(store).take(batch_of("a", 0))
            modes = {f.name: f.stat().st_mode & 0o777 for f in (tmp_path / "made").iterdir()}
        assert (tmp_path / "made").stat().st_mode & 0o777 == 0o700
        assert modes == {"cmdb.db": 0o600, "cmdb.db-wal": 0o600, "cmdb.db-shm": 0o600}


class TestOtherFiles:
    @pytest.mark.parametrize(
        "content", [b"not a store\n" * 100, b"SQLite format 3\0" + b"\xff" * 5000, b"x", bytes(4096) + b"x"]
    )
    def test_a_file_that_is_no_database_is_said_and_left_as_it_is(self, tmp_path: Path, content: bytes) -> None:
        file = tmp_path / "notes.txt"
        file.write_bytes(content)

        with pytest.raises(StoreError) as error:
            open_store(file)

        one_sentence(error.value.message, str(file), "no Surveymark store")
        assert file.read_bytes() == content
        assert [f.name for f in tmp_path.iterdir()] == ["notes.txt"]

    def test_a_database_of_another_program_is_said_and_left_as_it_is(self, tmp_path: Path) -> None:
        file = tmp_path / "other.db"
        with closing(sqlite3.connect(file)) as other:
            other.execute("CREATE TABLE meta (key TEXT)")
            other.commit()
        before = file.read_bytes()

        with pytest.raises(StoreError) as error:
            open_store(file)

        one_sentence(error.value.message, str(file), "another program", "--store")
        assert file.read_bytes() == before

    def test_a_database_that_says_it_is_another_programs_is_left_alone(self, tmp_path: Path) -> None:
        file = tmp_path / "other.db"
        with closing(sqlite3.connect(file)) as other:
            other.execute("PRAGMA application_id = 5")

        with pytest.raises(StoreError, match="another program"):
            open_store(file)

    def test_a_store_of_a_newer_schema_is_said_and_left_as_it_is(self, tmp_path: Path) -> None:
        file = tmp_path / "cmdb.db"
        with closing(open_store(file)):
            pass
        with closing(sqlite3.connect(file)) as newer:
            newer.execute(f"PRAGMA user_version = {VERSION + 1}")
        before = file.read_bytes()

        with pytest.raises(StoreError) as error:
            open_store(file)

        one_sentence(error.value.message, f"schema {VERSION + 1}", "upgrade Surveymark")
        assert file.read_bytes() == before

    @pytest.mark.parametrize("name", ["folder", "file/cmdb.db"])
    def test_a_path_that_can_be_no_store_is_said(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "folder").mkdir()
        (tmp_path / "file").write_text("x")

        with pytest.raises(StoreError) as error:
            open_store(tmp_path / name)

        one_sentence(error.value.message, str(tmp_path))

    def test_a_store_that_is_not_there_is_not_made_unasked(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="no store at"):
            SqliteStore.open(tmp_path / "new" / "cmdb.db", create=False)
        assert list(tmp_path.iterdir()) == []

    def test_a_store_that_was_taken_away_is_said_and_not_made_anew(self, tmp_path: Path) -> None:
        file = tmp_path / "cmdb.db"
        with closing(open_store(file)) as store:
            file.unlink()
            with pytest.raises(StoreError, match="is gone"), store.view():
                pass  # never reached
        assert not file.exists()

    def test_pages_that_were_overwritten_are_said(self, tmp_path: Path) -> None:
        file = tmp_path / "cmdb.db"
        with closing(open_store(file)) as store:
            cmdb = Receiver(store)
            for number in range(3):
                cmdb.take(batch_of("a", number))
        size = file.stat().st_size
        with file.open("r+b") as raw:
            raw.seek(size // 2 // 4096 * 4096)
            raw.write(b"\xff" * (size // 2))

        with pytest.raises(StoreError) as error, closing(open_store(file)) as store, store.view() as view:
            assert list(view.scan())
        one_sentence(error.value.message, str(file), "damaged")


def test_an_error_of_the_callers_own_stays_what_it_is(tmp_path: Path) -> None:
    with closing(open_store(tmp_path / "cmdb.db")) as store:
        for opened in (store.view, store.transaction):
            with pytest.raises(FileNotFoundError), opened():
                open(tmp_path / "missing").close()
        cmdb = Receiver(store)
        cmdb.take(Reporter("web").batch(system("web"), packages("a")))
        cmdb.sound()


def test_a_constraint_is_no_full_disk_because_its_columns_name_says_so(tmp_path: Path) -> None:
    with closing(open_store(tmp_path / "cmdb.db")) as store:
        Receiver(store).take(batch_of("a", 0))

        with pytest.raises(StoreError) as error, store.transaction() as tx:
            cast(SqliteTransaction, tx)._db.execute("UPDATE scope SET ever_full = NULL")

    one_sentence(error.value.message, "NOT NULL constraint failed: scope.ever_full", "nothing of it was kept")
