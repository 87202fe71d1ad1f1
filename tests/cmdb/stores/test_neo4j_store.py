"""The Neo4j store keeps every promise of the port, and those of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

for _suite in ("states", "records", "transactions", "find", "portability", "raw"):
    pytest.register_assert_rewrite(f"tests.cmdb.stores.conformance_{_suite}")

from cmdb.ports import Store  # noqa: E402 - after the suite is registered
from cmdb.stores.neo4j_store import Neo4jStore  # noqa: E402
from tests.cmdb.stores.conformance import Conformance  # noqa: E402

pytestmark = pytest.mark.xdist_group("neo4j")


@pytest.fixture
def reopen(cleared_neo4j: str) -> Iterator[Callable[[], Store]]:
    with ExitStack() as stack:
        yield lambda: stack.enter_context(closing(Neo4jStore.open(cleared_neo4j)))


@pytest.fixture
def store(reopen: Callable[[], Store]) -> Store:
    return reopen()


class TestNeo4jStore(Conformance):
    """See conformance. Fewer queries are asked: to plan one that it has not seen takes Neo4j some 100 ms."""

    queries = 100
