"""Stores that an older Surveymark left are brought forward, tell what they told then, and go on."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from neo4j import GraphDatabase

from cmdb.chain import verify_chain
from cmdb.model.errors import StoreError
from cmdb.natural import natural_digest
from cmdb.ports import Store
from cmdb.stores import neo4j_migrations, sqlite_store_migrations
from cmdb.stores.neo4j_store import Neo4jStore
from cmdb.stores.sqlite_schema import VERSION
from cmdb.stores.sqlite_store import SqliteStore
from tests.cmdb.building import GENESIS, START, Receiver, Reporter, open_store, packages, system
from tests.cmdb.stores.old_stores import into_neo4j, noted, sqlite_file
from tests.cmdb.stores.telling import ASKED, WRITES, still, told
from tests.cmdb.stores.test_sqlite_store_faults import as_ordinary_user, one_sentence

OLD = range(1, VERSION)

Opening = Callable[[int, list[str]], Store]
"""Opens the stored store of that schema; what it says comes into the list."""


@pytest.fixture(params=["sqlite", "neo4j"])
def opening(request: pytest.FixtureRequest, tmp_path: Path) -> Opening:
    def sqlite(version: int, said: list[str]) -> Store:
        file = tmp_path / f"schema-{version}.db"
        return SqliteStore.open(file if file.exists() else sqlite_file(version, tmp_path), tell=said.append)

    if request.param == "sqlite":
        return sqlite
    url: str = request.getfixturevalue("empty_neo4j")
    made: list[int] = []

    def neo4j(version: int, said: list[str]) -> Store:
        if not made:
            into_neo4j(version, url)
            made.append(version)
        return Neo4jStore.open(url, tell=said.append)

    return neo4j


@pytest.mark.parametrize("version", OLD)
class TestEveryOldStore:
    """What holds for the stored store of each schema there was."""

    def test_it_tells_what_it_told_then(self, opening: Opening, version: int) -> None:
        before = noted(version)
        with closing(opening(version, [])) as store:
            assert still(before, told(store)) == ""
            with store.view() as view:
                assert list(verify_chain(view)) == []
                assert natural_digest(view) == before["natural"][-1]
            assert list(store.check()) == []

    def test_it_is_brought_forward_once_and_says_so(self, opening: Opening, version: int) -> None:
        said: list[str] = []
        opening(version, said).close()
        opening(version, said).close()

        assert [line.partition(" has schema ")[2].partition(".")[0] for line in said] == [
            f"{old}; bringing it to schema {old + 1}" for old in range(version, VERSION)
        ]

    def test_it_goes_on_with_the_ids_that_a_new_one_would_give(self, opening: Opening, version: int) -> None:
        with closing(opening(version, [])) as store:
            site = Receiver(store, "later")
            site.now = 5000
            receipt = site.take(Reporter("late").batch(system("late"), packages("vim"), at=5000))
            again = site.take(Reporter("web", sequence=50).batch(system("web", os="Alma"), at=5000))

            assert receipt["created"] == 2
            assert (again["created"], again["updated"]) == (0, 1)
            site.sound()


@pytest.mark.parametrize("version", OLD)
def test_a_migrated_sqlite_store_has_the_tables_of_a_new_one(tmp_path: Path, version: int) -> None:
    file = sqlite_file(version, tmp_path)
    SqliteStore.open(file).close()
    open_store(tmp_path / "new.db").close()

    assert _schema(file) == _schema(tmp_path / "new.db")


@pytest.mark.timeout(120)
def test_a_process_killed_in_mid_migration_leaves_the_old_store_or_the_new_one(root: Path, tmp_path: Path) -> None:
    old, file, after, died = sqlite_file(1, tmp_path).read_bytes(), tmp_path / "killed.db", 0, 0
    while True:
        for left in tmp_path.glob("killed.db*"):
            left.unlink()
        file.write_bytes(old)
        command = [sys.executable, "-m", "tests.cmdb.stores.migrator", str(file), str(after)]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True)
        with closing(sqlite3.connect(file)) as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL, done.stderr
        assert version in (*OLD, VERSION)
        died += 1
        with closing(SqliteStore.open(file)) as store, store.view() as view:
            assert natural_digest(view) == noted(1)["natural"][-1]
        after += 1
    assert (version, died > 3) == (VERSION, True)


def test_a_step_that_fails_leaves_the_old_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE half (a) STRICT")

    monkeypatch.setitem(sqlite_store_migrations.STEPS, 2, fail)  # STRICT tables need types
    file = sqlite_file(1, tmp_path)

    with pytest.raises(StoreError, match=str(file)):
        SqliteStore.open(file)

    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] == 1


def test_an_old_store_that_may_only_be_read_is_said_with_the_remedy() -> None:
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        file = sqlite_file(1, Path(folder))
        file.chmod(0o444)

        one_sentence(as_ordinary_user(file), str(file), "schema 1", "open it once as its owner")


class TestNeo4j:
    """What holds on Neo4j only."""

    @pytest.fixture
    def old(self, empty_neo4j: str) -> str:
        into_neo4j(1, empty_neo4j)
        return empty_neo4j

    def test_a_step_that_fails_leaves_the_old_store(self, old: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(neo4j_migrations.STEPS, 2, ("MATCH (h:Head) SET h.number = 99", "NONSENSE"))
        with pytest.raises(StoreError, match=old):
            Neo4jStore.open(old)
        monkeypatch.undo()

        said: list[str] = []
        with closing(Neo4jStore.open(old, tell=said.append)) as store, store.view() as view:
            assert said[0].startswith(f"{old} has schema 1")
            assert view.head().number == noted(1)["head"]["number"]

    def test_two_that_open_it_at_once_both_have_the_new_store(self, old: str, monkeypatch: pytest.MonkeyPatch) -> None:
        counted = "MATCH (m:Meta) SET m.steps = coalesce(m.steps, 0) + 1"
        monkeypatch.setitem(neo4j_migrations.STEPS, 2, (*neo4j_migrations.STEPS.get(2, ()), counted))

        with ThreadPoolExecutor(2) as pool:
            both = [opened.result() for opened in [pool.submit(Neo4jStore.open, old) for _ in range(2)]]

        for store in both:
            with store.view() as view:
                assert natural_digest(view) == noted(1)["natural"][-1]
            store.close()
        with GraphDatabase.driver(old) as driver, driver.session() as session:
            assert session.run("MATCH (m:Meta) RETURN m.version, m.steps").values() == [[VERSION, 1]], "done once"


def test_everything_that_the_port_tells_is_compared() -> None:
    from cmdb.ports import Transaction, View

    named = {name for port in (View, Transaction) for name in vars(port) if not name.startswith("_")}

    assert named == ASKED.keys() | WRITES


def test_a_new_store_is_of_the_present_schema_and_says_nothing(tmp_path: Path) -> None:
    said: list[str] = []
    given: dict[str, Any] = {"clock": lambda: START, "randomness": bytes, "genesis": GENESIS}
    SqliteStore.open(tmp_path / "new.db", tell=said.append, **given).close()

    assert said == []


def _schema(file: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(file)) as connection:
        found = connection.execute("SELECT name, coalesce(sql, '') FROM sqlite_master ORDER BY name").fetchall()
    return [(name, " ".join(sql.split())) for name, sql in found]
