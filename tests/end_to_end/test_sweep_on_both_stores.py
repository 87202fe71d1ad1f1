"""What two sweeps saw of one real host, taken by both stores: the same answers, and nothing new the second time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from api.caller import Caller
from api.local_estate import LocalEstate
from cmdb.natural import natural_digest
from cmdb.ports import Store
from cmdb.stores.neo4j_store import Neo4jStore
from collector.outcome import Stopped
from collector.ssh.hosts import Reporting
from collector.ssh.opening import opening
from collector.work import Guard, Job
from tests.cmdb.building import GENESIS, START, open_store
from tests.collector.ssh.conftest import Site, site
from tests.collector.ssh.test_opening import offers, root, settings

__all__ = ["site"]

pytestmark = pytest.mark.xdist_group("neo4j")


@pytest.fixture
def stores(tmp_path: Path, empty_neo4j: str) -> Iterator[list[Store]]:
    neo4j = Neo4jStore.open(empty_neo4j, clock=lambda: START, randomness=bytes, genesis=GENESIS)
    with closing(open_store(tmp_path / "estate.db")) as sqlite, closing(neo4j):
        yield [sqlite, neo4j]


def swept(site: Site, folder: Path) -> list[bytes]:
    """The batches of two rounds."""
    found, numbers = [], count(1)
    with site.near.network(), opening(settings(folder, kept=4), offers(folder, root(site))) as made:
        for _ in range(2):
            reach, look = made.round(
                "a" * 16, Reporting(lambda t: f"ssh:1@{t.endpoint}", lambda: next(numbers), b"k" * 32)
            )
            ((target, connection),) = reach([site.target()])
            assert not isinstance(connection, Stopped)
            found.append(look(Job(1, target), connection, Guard()).batch)
    return found


def test_the_second_sweep_makes_no_revision_on_either_store(site: Site, stores: list[Store], tmp_path: Path) -> None:
    first, second = swept(site, tmp_path)
    digests = []
    for store in stores:
        estate = LocalEstate(store, Caller("os:root", ("admin",)))
        made, again = (estate.submit_many([one])[0] for one in (first, second))
        assert isinstance(made, dict)
        assert isinstance(again, dict)
        assert made["revision"] == 1
        assert (made["quarantined"], made["conflicts"]) == ([], [])
        assert again["revision"] is None, again
        with store.view() as view:
            digests.append(natural_digest(view))
            assert {scope.route for scope in view.scopes(made["ci"])} == {"ssh"}

    assert digests[0] == digests[1]
