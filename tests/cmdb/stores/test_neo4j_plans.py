"""Each question about something named begins at an index, and so does each write: none reads all nodes of a label.

What asks for a whole (counts, scans, coverage of everything, `find` without anything to look up) is not asked here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from neo4j import GraphDatabase

from cmdb.states import Claim, Commit, Head, SweepRecord, SweepTarget
from cmdb.stores.neo4j_store import Neo4jStore
from cmdb.stores.neo4j_transaction import Neo4jTransaction
from tests.cmdb.stores.building import changed, coverage, entry, host, link, package, pending, revise_in, scope

pytestmark = pytest.mark.xdist_group("neo4j")

SCANS = ("NodeByLabelScan", "AllNodesScan", "RelationshipTypeScan", "AllRelationshipsScan")
LONE = (":Head)", ":Gate)")
"""Labels of one node each."""


class Plans:
    """Has statements planned and not run; answers that there is nothing."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self.seen: list[str] = []
        self.scanning: list[str] = []

    def run(self, cypher: str, /, **given: Any) -> list[list[Any]]:
        plan = str(self._session.run(f"EXPLAIN {cypher}", given).consume().plan)
        self.seen.append(cypher)
        if any(scan in plan for scan in SCANS) and not any(label in cypher for label in LONE):
            self.scanning.append(cypher)
        return [[0]] if "RETURN max(" in cypher or "RETURN h.scopes" in cypher else []

    def send(self, cypher: str, _: int = 0, /, **given: Any) -> None:
        self.run(cypher, **given)


@pytest.fixture
def plans(cleared_neo4j: str) -> Iterator[Plans]:
    with (
        closing(Neo4jStore.open(cleared_neo4j)),
        GraphDatabase.driver(cleared_neo4j) as driver,
        driver.session() as session,
    ):
        yield Plans(session)


def test_no_question_reads_all_nodes_of_a_label(plans: Plans) -> None:
    tx = Neo4jTransaction(plans.run, plans.send, Head(0, 0, ""))
    web = host("web01", "mac a", os="debian")
    nginx = package(web, "nginx")
    key = link(nginx, "DEPENDS_ON", web).key

    for at in (None, 3):
        tx.items([web.id], at)
        tx.parts(web.id, None, at)
        tx.links([web.id], at)
        tx.entry("token", "k", at)
        tx.entries("token", at)
    tx.last_states([web.id])
    tx.history(web.id)
    tx.link_history(web.id)
    tx.entry_history("token", "k")
    tx.revision(3)
    tx.revisions(3)
    tx.revision_at(5)
    tx.changed(1, 2)
    tx.documents(["a" * 64])
    tx.coverage([web.id])
    tx.coverage([web.id], 5)
    tx.coverage_history(web.id)
    tx.scopes(web.id)
    tx.scopes_by_number([1])
    tx.scopes_of("agent:1", web.id)
    tx.claims([web.id, key])
    tx.claims_of([1])
    tx.readings(web.id)
    tx.identified(["mac a"])
    tx.retired_parts(web.id, [(nginx.class_name, nginx.key)])
    tx.links_of([1])
    tx.links_by_key([key])
    tx.receipt("b")
    tx.same("agent:1", web.id)
    tx.pending([web.id])
    tx.pending_of([1])
    tx.pending_at("default", ["10.0.0.1"])
    tx.pending_to([web.id])
    tx.unversioned("session", "k")
    tx.sweep("a" * 16)
    tx.sweeps(5)
    tx.sweep_targets("a" * 16, 3)
    tx.sweep_targets("a" * 16, 3, 10, ["done"], ["text"])
    tx.sweep_counts("a" * 16)
    tx.foresee([("b", "agent:1", ["mac a"])])

    assert len(plans.seen) > 40
    assert plans.scanning == []


def test_no_write_reads_all_nodes_of_a_label(plans: Plans) -> None:
    tx = Neo4jTransaction(plans.run, plans.send, Head(0, 0, ""))
    web = host("web01", "mac a", os="debian")
    nginx, standing, waiting = package(web, "nginx"), scope(web), pending(web, "10.0.0.1")
    uses, token = link(nginx, "DEPENDS_ON", web), entry("token", "k")
    moved = changed(web, os="rhel")
    moved.identifiers = ["mac b"]

    tx.number_scopes([standing])
    revise_in(tx, created=[web, nginx], links=[uses], entries=[token], batch="b", scopes=[standing])
    revise_in(tx, updated=[(web, moved)], links_updated=[(uses, uses)], rescoped=[nginx], links_rescoped=[uses])
    revise_in(tx, retired=[nginx], links_retired=[uses], entries_removed=[token])
    tx.write(Commit(claims=[Claim(1, web.id, {})], removed_claims=[(1, uses.key)], coverage=[coverage(web, 5)]))
    tx.write(Commit(pending=[waiting], removed_pending=[waiting], readings=[(web.id, "flows", {})]))
    tx.write(Commit(same=("agent:1", web.id, "d")))
    tx.seen_again([standing])
    tx.put_unversioned("session", "k", {})
    tx.remove_entry_value("session", "k")
    tx.put_document("a" * 64, b"")
    tx.put_sweep(SweepRecord("a" * 16, 0, 5, 1, {}))
    tx.put_sweep_targets([SweepTarget("a" * 16, 1, "done", {})])
    tx.drop_sweep("a" * 16, 5)
    tx.send_all()

    assert len(plans.seen) > 30
    assert plans.scanning == []
