"""What every campaign can ask for: each of the two stores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.campaigns.own_neo4j import OwnNeo4j, own_neo4j
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


@pytest.fixture(scope="session")
def own_server() -> Iterator[OwnNeo4j]:
    """A Neo4j that campaigns may kill and stop; it answers when a test begins, and holds what the last one left."""
    with own_neo4j() as made:
        yield made
