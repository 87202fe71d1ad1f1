"""What other processes do to a SQLite store: write at once, hold its lock, die in the middle (at random moments:
tests/campaigns/test_killed_writer.py)."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from cmdb.model.errors import StoreError
from cmdb.stores.sqlite_store import SqliteStore
from tests.campaigns.writers import HOSTS, history
from tests.cmdb.building import Receiver, Reporter, open_store, system
from tests.cmdb.building import state as states_of
from tests.cmdb.stores.sqlite_writer import DOCUMENT, LATER

pytestmark = pytest.mark.timeout(60)
SHORT = 0.2


class Writer:
    """A process of sqlite_writer."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._line()

    def start(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def receipt(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._line())
        return found

    def receipts(self) -> list[dict[str, Any]]:
        """All that it has not told yet; waits for its end."""
        assert self.process.stdout is not None
        return [json.loads(line) for line in self.process.stdout if line.endswith("\n")]

    def hold(self) -> None:
        """Returns once it holds the lock."""
        self.start()
        self._line()

    def release(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()

    def _line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the writer ended"
        return line


@contextmanager
def writer(store: Path, batches: Sequence[bytes] | None = None, word: str = "batches") -> Iterator[Writer]:
    """A process that writes these batches once it is told to, else one that holds the lock."""
    command = [sys.executable, "-m", "tests.cmdb.stores.sqlite_writer", str(store)]
    if batches is not None:
        file = store.with_name(f"{word}.json")
        file.write_text(json.dumps([data.decode() for data in batches]))
        command.append(str(file))
    root = Path(__file__).parents[3]
    process = subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with process:
        try:
            yield Writer(process)
        finally:
            process.kill()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cmdb.db"


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Receiver]:
    """A store that one process writes, to compare with."""
    with closing(open_store(tmp_path / "alone.db")) as store:
        made = Receiver(store)
        made.now = LATER
        yield made


@contextmanager
def opened(path: Path, patience: float = 30.0) -> Iterator[Receiver]:
    with closing(open_store(path, patience=patience)) as store:
        made = Receiver(store, "parent")
        made.now = LATER
        yield made


def test_two_processes_that_make_and_fill_one_store_at_once_lose_nothing(path: Path, alone: Receiver) -> None:
    """They share hosts: some batches are the same, sent twice, some are of another source about the same host."""
    given = [
        history(range(5), "agent") + history(range(2, 6), "ssh"),
        history(range(3, HOSTS), "agent") + history(range(2), "ssh"),
    ]
    with ExitStack() as stack:
        writers = [stack.enter_context(writer(path, batches, f"w{n}")) for n, batches in enumerate(given)]
        for one in writers:
            one.start()
        receipts = [one.receipts() for one in writers]

    assert [len(found) for found in receipts] == [len(batches) for batches in given]
    for data in given[0] + given[1]:
        alone.take(data)
    with opened(path) as cmdb:
        cmdb.sound()
        assert cmdb.natural() == alone.natural()
        made = {r["revision"]: r for found in receipts for r in found if r["revision"]}
        assert sorted(made) == list(range(1, cmdb.head() + 1))
        with cmdb.store.transaction() as tx:
            assert {r["batch"]: tx.receipt(r["batch"]) for r in made.values()} == {r["batch"]: r for r in made.values()}


@pytest.mark.parametrize("used_before", [False, True])
def test_a_lock_that_another_process_keeps_is_an_error_that_names_it(path: Path, used_before: bool) -> None:
    data = Reporter("web").batch(system("web"))
    with opened(path, SHORT) as cmdb, writer(path) as other:
        if used_before:
            cmdb.take(Reporter("db").batch(system("db")))
        other.hold()

        for _ in range(2):
            with pytest.raises(StoreError, match=rf"process {other.process.pid} \(.*for over 0.2 s"):
                cmdb.take(data)
        assert "web" not in cmdb.names("class:Host")

        other.release()
        assert cmdb.take(data)["created"] == 1
        cmdb.sound()


def test_a_store_opens_and_answers_while_another_process_writes(path: Path) -> None:
    with opened(path) as cmdb:
        cmdb.take(Reporter("web").batch(system("web")))
    with writer(path) as other:
        other.hold()

        with opened(path, SHORT) as cmdb:
            assert cmdb.names("class:Host") == ["web"]
            assert list(cmdb.store.check()) == []


def test_a_process_that_is_killed_while_it_writes_leaves_no_lock_and_nothing_else(path: Path) -> None:
    with opened(path, SHORT) as cmdb, writer(path) as other:
        other.hold()
        other.process.kill()
        other.process.wait()

        with cmdb.view() as view:
            assert view.documents([DOCUMENT]) == {}
        assert cmdb.take(Reporter("web").batch(system("web")))["created"] == 1
        cmdb.sound()


def test_a_writer_waits_for_another_process(path: Path) -> None:
    with writer(path, [Reporter("web").batch(system("web"))]) as waiting, writer(path) as holder:
        holder.hold()
        waiting.start()
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.process.wait(SHORT)
        holder.release()

        assert waiting.receipt()["revision"] == 1


def test_a_view_stays_as_it_is_while_another_process_commits(path: Path) -> None:
    batches = history(range(3), "agent")
    with opened(path) as cmdb:
        cmdb.take(batches[0])
        with cmdb.view() as view, writer(path, batches) as other:
            before = view.head(), states_of(view), view.changed(0, 99), view.counts()
            other.start()
            for _ in batches:
                other.receipt()
                assert (view.head(), states_of(view), view.changed(0, 99), view.counts()) == before

        assert cmdb.head() == len(batches)
        cmdb.sound()


def test_a_thread_that_waits_for_another_of_its_process_gives_up_too(path: Path) -> None:
    with closing(SqliteStore.open(path, patience=SHORT)) as store, store.transaction():
        other = store.transaction()
        with pytest.raises(StoreError, match="Another thread of this process"):
            other.__enter__()
