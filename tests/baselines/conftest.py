"""A site for every test of this package."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cmdb.stores.sqlite_store import SqliteStore
from tests.baselines.site import Site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A site over a new SQLite store."""
    store = SqliteStore.open(tmp_path / "site.db")
    try:
        yield Site(store)
    finally:
        store.close()
