"""However many CIs meet the terms of a query, its answers are the same, and no plan reads all CIs to find them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

pytest.register_assert_rewrite("tests.cmdb.stores.conformance_find")
from benchmarks.growth_queries import QUERIES  # noqa: E402 - after the suite is registered
from cmdb.model.query_language import parse  # noqa: E402
from cmdb.stores import sqlite_store_find  # noqa: E402
from cmdb.stores.sqlite_store import SqliteStore  # noqa: E402
from cmdb.stores.sqlite_store_find import Search  # noqa: E402
from cmdb.stores.sqlite_store_view import SqliteView  # noqa: E402
from tests.cmdb.stores.building import host, package, revise  # noqa: E402
from tests.cmdb.stores.conformance_find import Find  # noqa: E402


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore.open(tmp_path / "cmdb.db")) as opened:
        yield opened


class TestWhereEveryTermIsMetByMany(Find):
    """Nothing is few: all is walked, and judged."""

    @pytest.fixture(autouse=True)
    def _many(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("FEW", "FEW_TOLD", "GATHERED"):
            monkeypatch.setattr(sqlite_store_find, name, 0)


class TestWhereHitsOfOneTermAreMany(Find):
    """What has been looked up is not judged in Python, but compared with all that meet the other terms."""

    @pytest.fixture(autouse=True)
    def _many(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sqlite_store_find, "JUDGED", 0)


class Explaining:
    """A connection that notes the plan of whatever it executes."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.plans: list[str] = []

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> sqlite3.Cursor:
        plan = self._db.execute(f"EXPLAIN QUERY PLAN {sql}", parameters).fetchall()
        self.plans += [row[3] for row in plan]
        return self._db.execute(sql, parameters)


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("query", [*QUERIES.values(), "-class:Host", "-lib", "has:os", "in:x", "id:x", "rel:EXPOSES"])
def test_no_plan_reads_all_cis(store: SqliteStore, query: str, many: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FEW", "FEW_TOLD", "GATHERED") if many else ():
        monkeypatch.setattr(sqlite_store_find, name, 0)
    web = host("web01")
    revise(store, created=[web, *(package(web, f"lib-{n}") for n in range(5))])
    with store.view() as view:
        assert isinstance(view, SqliteView)
        explaining = Explaining(view._db)
        search = Search(explaining, view._words, view._codes, parse(query))  # type: ignore[arg-type]
        search.page(None, 3)
        search.page(("Host", "", ""), 3)

    assert explaining.plans
    assert not [p for p in explaining.plans if p.startswith(("SCAN ci", "SCAN key", "SCAN part", "SCAN link"))]
