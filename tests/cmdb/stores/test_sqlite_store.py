"""The SQLite store keeps every promise of the port."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

for _suite in ("states", "records", "transactions", "find", "portability", "raw"):
    pytest.register_assert_rewrite(f"tests.cmdb.stores.conformance_{_suite}")

from cmdb.ports import Store  # noqa: E402 - after the suite is registered
from cmdb.stores.sqlite_store import SqliteStore  # noqa: E402
from tests.cmdb.stores.conformance import Conformance  # noqa: E402


@pytest.fixture
def reopen(tmp_path: Path) -> Iterator[Callable[[], Store]]:
    with ExitStack() as stack:
        yield lambda: stack.enter_context(closing(SqliteStore.open(tmp_path / "store" / "surveymark.db")))


@pytest.fixture
def store(reopen: Callable[[], Store]) -> Store:
    return reopen()


class TestSqliteStore(Conformance):
    """See conformance."""
