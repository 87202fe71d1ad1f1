"""What holds for dump and load of one of the two stores only: see conformance_portability for what both promise."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from cmdb.model.errors import StoreError
from cmdb.stores import neo4j_portability, sqlite_store_portability
from cmdb.stores.neo4j_schema import LABELS
from cmdb.stores.neo4j_store import Neo4jStore
from cmdb.stores.sqlite_store import SqliteStore
from tests.cmdb.building import Receiver, Reporter, open_store, packages, system
from tests.cmdb.stores.copying import copy, lines
from tests.cmdb.stores.old_stores import tell
from tests.cmdb.stores.telling import told

LONG = "x" * 1990


@pytest.fixture
def original(tmp_path: Path) -> Iterator[SqliteStore]:
    with closing(open_store(tmp_path / "original.db")) as store:
        tell(store)
        yield store


class TestSqlite:
    def test_every_table_is_carried_or_follows_from_what_is(self, tmp_path: Path) -> None:
        open_store(tmp_path / "new.db").close()
        with closing(sqlite3.connect(tmp_path / "new.db")) as connection:
            found = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}

        shadows = {name for name in found if name.startswith(("text_", "sqlite_"))}
        assert found - shadows == sqlite_store_portability.CARRIED | sqlite_store_portability.DERIVED

    def test_the_tables_of_a_copy_hold_the_same_rows(self, original: SqliteStore, tmp_path: Path) -> None:
        with closing(open_store(tmp_path / "copy.db")) as other:
            copy(original, other)

        assert rows(tmp_path / "copy.db") == rows(tmp_path / "original.db")

    def test_a_dump_is_of_one_moment_while_others_write(self, original: SqliteStore, tmp_path: Path) -> None:
        before = told(original)
        with closing(open_store(tmp_path / "copy.db")) as other:
            with original.dump() as dump:
                first = list(islice(dump.records, 3))
                Receiver(original, "x").take(Reporter("new").batch(system("new"), at=9000))
                other.load(dump.birth, dump.head, (r for part in (first, dump.records) for r in part))

            assert told(other) == before
            assert told(original) != before

    def test_who_is_killed_in_mid_load_leaves_the_store_empty(
        self, root: Path, original: SqliteStore, tmp_path: Path
    ) -> None:
        target = tmp_path / "copy.db"
        with closing(open_store(target)) as other:
            empty = told(other)
        command = [sys.executable, "-m", "tests.cmdb.stores.copier", str(tmp_path / "original.db"), str(target)]
        killed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
        assert killed.returncode == -signal.SIGKILL, killed.stderr

        with closing(SqliteStore.open(target)) as again:
            assert told(again) == empty
            copy(original, again)
            assert told(again) == told(original)

    def test_a_load_that_fails_leaves_the_store_empty(self, original: SqliteStore, tmp_path: Path) -> None:
        other = open_store(tmp_path / "copy.db")
        empty = told(other)
        with original.dump() as dump, pytest.raises(RuntimeError, match="the disk"):
            other.load(dump.birth, dump.head, failing(dump.records))
        other.close()

        with closing(SqliteStore.open(tmp_path / "copy.db")) as again:
            assert told(again) == empty

    def test_a_thousand_parts_before_their_host_are_no_matter(self, tmp_path: Path) -> None:
        with closing(open_store(tmp_path / "a.db")) as one, closing(open_store(tmp_path / "b.db")) as other:
            Receiver(one).take(Reporter("web").batch(system("web"), packages(*(f"p{n}" for n in range(6000)))))
            copy(one, other)

            assert lines(one) == lines(other)


class TestNeo4j:
    @pytest.fixture
    def store(self, cleared_neo4j: str) -> Iterator[Neo4jStore]:
        with closing(Neo4jStore.open(cleared_neo4j)) as store:
            yield store

    def test_every_label_is_carried_or_follows_from_what_is(self) -> None:
        assert set(LABELS) == neo4j_portability.CARRIED | neo4j_portability.DERIVED

    def test_a_load_that_fails_leaves_what_says_so_and_can_only_be_filled_again(
        self, store: Neo4jStore, original: SqliteStore
    ) -> None:
        with original.dump() as dump, pytest.raises(RuntimeError, match="the disk"):
            store.load(dump.birth, dump.head, failing(dump.records))

        with pytest.raises(StoreError, match="did not complete: restore or copy into it again"):
            Neo4jStore.open(store.url)
        with closing(Neo4jStore.open(store.url, filling=True)) as again:
            copy(original, again)
        with closing(Neo4jStore.open(store.url)) as whole:
            assert told(whole) == told(original)

    def test_who_is_killed_in_mid_load_leaves_what_says_so(
        self, root: Path, store: Neo4jStore, original: SqliteStore, tmp_path: Path
    ) -> None:
        store.close()
        command = [sys.executable, "-m", "tests.cmdb.stores.copier", str(tmp_path / "original.db"), store.url]
        killed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
        assert killed.returncode == -signal.SIGKILL, killed.stderr

        with pytest.raises(StoreError, match="did not complete: restore or copy into it again"):
            Neo4jStore.open(store.url)
        with closing(Neo4jStore.open(store.url, filling=True)) as again:
            copy(original, again)
            assert told(again) == told(original)

    def test_a_dump_keeps_writers_waiting_and_is_of_one_moment(
        self, store: Neo4jStore, original: SqliteStore, tmp_path: Path
    ) -> None:
        copy(original, store)
        before, wrote = told(store), threading.Event()

        def write() -> None:
            Receiver(store, "x").take(Reporter("new").batch(system("new"), at=9000))
            wrote.set()

        writer = threading.Thread(target=write)
        with closing(open_store(tmp_path / "copy.db")) as other:
            with store.dump() as dump:
                writer.start()
                other.load(dump.birth, dump.head, dump.records)
                assert not wrote.is_set()
            writer.join(60)

            assert wrote.is_set()
            assert told(other) == before

    def test_an_identifier_too_long_for_an_index_comes_back_whole(self, store: Neo4jStore, tmp_path: Path) -> None:
        with closing(open_store(tmp_path / "a.db")) as one, closing(open_store(tmp_path / "b.db")) as other:
            Receiver(one).take(Reporter("web").batch(system("web"), id="b"))
            with one.transaction() as tx:
                (id_,) = [item.id for item in tx.scan()]
                db: sqlite3.Connection = tx._db  # type: ignore[attr-defined]
                db.execute("UPDATE ci SET identifiers = ?", (f'["Subnet default/{LONG}"]',))
                db.execute("INSERT INTO identifier VALUES (?, ?)", (f"Subnet default/{LONG}", id_))
            copy(one, store)
            copy(store, other)

            with other.transaction() as tx:
                assert tx.identified([f"Subnet default/{LONG}"]) == {f"Subnet default/{LONG}": [id_]}


def failing(records: Any) -> Iterator[Any]:
    yield from islice(records, 40)
    raise RuntimeError("the disk is gone")


def rows(file: Path) -> dict[str, list[str]]:
    """All rows of all tables, with ids in place of the store's own numbers."""
    found: dict[str, list[str]] = {}
    with closing(sqlite3.connect(file)) as db:
        ids = {num: f"#{id_}" for num, id_ in db.execute("SELECT num, id FROM past UNION SELECT num, id FROM ci")}
        named = {
            "ci": ("num", "parent"),
            "past": ("num",),
            "key": ("ci",),
            "claim": ("ci",),
            **dict.fromkeys(("link", "link_claim"), ("subject", "object")),
        }
        for table in sorted(sqlite_store_portability.CARRIED | {"key", "meta", "word"}):
            names = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
            turned = named.get(table, ())
            found[table] = sorted(
                str([ids.get(v, v) if n in turned else v for n, v in zip(names, row, strict=True)])
                for row in db.execute(f"SELECT * FROM {table}")
            )
    return found
