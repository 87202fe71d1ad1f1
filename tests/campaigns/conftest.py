"""What every campaign can ask for: each of the two stores."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.servers.neo4j_server import clear


@pytest.fixture(params=["sqlite", pytest.param("neo4j", marks=pytest.mark.xdist_group("neo4j"))])
def empty_store(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Makes an empty store at each call; returns its path or URL for tests.campaigns.writing."""
    if request.param == "neo4j":
        url: str = request.getfixturevalue("cleared_neo4j")

        def cleared() -> str:
            clear(url)
            return url

        return cleared
    made: list[Path] = []

    def another() -> str:
        made.append(tmp_path / f"store{len(made)}" / "cmdb.db")
        return str(made[-1])

    return another
