"""Batches of a group share their statements: each costs the server far more than its rows, and a question the way besides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import neo4j
import pytest

from benchmarks.estate import EstateHost, hosts
from cmdb.stores.neo4j_store import Neo4jStore
from tests.cmdb.building import ME, Receiver

pytestmark = pytest.mark.xdist_group("neo4j")

ESTATE = list(hosts(6, 200, seed=1))


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """The statements of transactions, and how often each was sent."""
    counted: Counter[str] = Counter()
    run = neo4j.Transaction.run

    def noted(self: neo4j.Transaction, query: Any, *given: Any, **more: Any) -> neo4j.Result:
        counted[str(query)] += 1
        return run(self, query, *given, **more)

    monkeypatch.setattr(neo4j.Transaction, "run", noted)
    return counted


@pytest.fixture
def cmdb(cleared_neo4j: str) -> Iterator[Receiver]:
    with closing(Neo4jStore.open(cleared_neo4j)) as store:
        yield Receiver(store)


def take(cmdb: Receiver, batches: list[bytes]) -> None:
    receipts = cmdb.ingest.submit_many(batches, ME)
    assert {line["outcome"] for receipt in receipts for line in receipt["sections"]} <= {"collected", "unchanged"}


def by_digests(host: EstateHost, sequence: int) -> bytes:
    return host.batch(sequence, {section.name: section.digest for section in host.encoded()})


def test_new_hosts_of_a_group_are_written_by_the_same_statements(cmdb: Receiver, sent: Counter[str]) -> None:
    take(cmdb, [ESTATE[0].batch(1)])  # with the first one it is looked whether raw batches have to go
    sent.clear()

    take(cmdb, [host.batch(1) for host in ESTATE[1:]])

    written = {cypher: times for cypher, times in sent.items() if " RETURN " not in cypher}
    assert any(":SoftwarePackage)" in cypher for cypher in written)
    assert {cypher: times for cypher, times in written.items() if times > 1} == {}


@pytest.mark.parametrize("again", [EstateHost.batch, by_digests], ids=["whole", "by digests"])
def test_hosts_that_are_as_they_were_cost_a_group_no_more_statements_than_one(
    cmdb: Receiver, sent: Counter[str], again: Any
) -> None:
    take(cmdb, [host.batch(1) for host in ESTATE])
    sent.clear()

    take(cmdb, [again(host, 2) for host in ESTATE])

    assert {cypher: times for cypher, times in sent.items() if times > 1} == {}
    assert cmdb.head() == len(ESTATE)
