"""Hand-written Cypher that changes anything in the Neo4j store shows, and is named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing

import pytest
from neo4j import GraphDatabase, Session

from cmdb.chain import verify
from cmdb.stores.neo4j_find import Finding
from cmdb.stores.neo4j_store import Neo4jStore
from tests.cmdb.building import GENESIS, START
from tests.cmdb.stores.tampered import filled
from tests.servers.neo4j_server import _alone as alone
from tests.servers.neo4j_server import wipe

pytestmark = pytest.mark.xdist_group("neo4j")


@pytest.fixture(scope="module")
def session(neo4j_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A session with a database that holds something of everything; no other test has it meanwhile."""
    with alone(neo4j_url, tmp_path_factory):
        wipe(neo4j_url)
        with closing(Neo4jStore.open(neo4j_url, clock=lambda: START, randomness=bytes, genesis=GENESIS)) as store:
            filled(store).sound()
        with GraphDatabase.driver(neo4j_url) as driver, driver.session() as session:
            yield session


_P = "MATCH (n:SoftwarePackage) WHERE n._part ENDS WITH 'dpkg/a/amd64' WITH n LIMIT 1"
_H = "MATCH (n:Host {name: 'web'}) WITH n"
_L = "MATCH (:CI)-[k]->(:CI) WHERE k._seal IS NOT NULL WITH k LIMIT 1"
_C = "MATCH (:CI)-[k]->(:CI) WHERE k._seal IS NULL WITH k LIMIT 1"

ALTERED = (
    (f"{_H} SET n.os = 'os 3'", "revision 5: ci .*: attribute os: the state since"),
    (f"{_H} SET n.evil = 1", "revision 5: ci .*: attribute evil: the state since"),
    (f"{_H} SET n._evil = 1", "ci .*: attribute _evil: this property"),
    (f"{_H} SET n._text = ' evil'", "search .*: attribute _text"),
    (f"{_H} SET n._listed = 'Host evil'", "search .*: attribute _listed"),
    (f"{_H} SET n._folded_os = 'evil'", "search .*: attribute os"),
    (f"{_H} SET n._scope = 999", "ci .*: section 999 is not there"),
    (f"{_H} SET n._not_before = 1", "its digest is"),
    (f"{_H} SET n.since = 4", "revision 5: ci .*: the state that it brought is not there|its state says"),
    (f"{_H} SET n._identifiers = ['agent evil']", "revision 5: ci .*"),
    (f"{_H} SET n:Endpoint", "this CI is not of one class"),
    (f"{_H} REMOVE n.key", "ci .*can not be read"),
    (f"{_P} SET n._part = n._part + 'x'", "revision 1: ci .*"),
    (f"{_P} SET n.name = 'b'", "attribute name"),
    (f"{_P} DETACH DELETE n", "revision 1: ci .*the state that it brought is not there"),
    (f"{_P} CREATE (m:CI:SoftwarePackage) SET m = n {{.*, id: 'EVIL', _part: n._part + 'x'}}", "ci EVIL: it is said"),
    (f"{_L} SET k.why = 'evil'", "link .*: attribute why"),
    (f"{_L} SET k._seal = null", "of no revision, and no containment|the state that it brought"),
    (f"{_L} DELETE k", "link .*: the state that it brought is not there"),
    (f"{_L} SET k._scope = 999", "link .*: section 999"),
    ("MATCH (a:Host {name: 'web'}), (b:Host {name: 'db'}) CREATE (a)-[:DEPENDS_ON {since: 1}]->(b)", "containment .*no revision"),
    ("MATCH (a:Host {name: 'web'}), (b:Host {name: 'db'}) CREATE (a)-[:LIKES]->(b)", "containment .* LIKES .*no revision"),
    (
        ("MATCH (a:Host {name: 'web'}), (b:Host {name: 'db'}), ()-[k]->() WHERE k._seal IS NOT NULL WITH a, b, k LIMIT 1 "
        "CREATE (a)-[m:DEPENDS_ON]->(b) SET m = properties(k)"),
        "link .*said to be of this revision",
    ),
    (f"{_C} SET k.evil = 1", "containment .*no revision"),
    (f"{_C} DELETE k", "0 relationships tie this part"),
    ("CREATE (:Evil)", "labelled \\['Evil'\\], is none of ours"),
    ("CREATE (:Host {name: 'evil'})", "has the label of a class and is no CI"),
    ("CREATE (:CI:Host {name: 'evil'})", "lacks what every CI has"),
    ("MATCH (h:Head) CREATE (h)-[:LIKES]->(:Note {kind: 'a', key: 'b', value: '{}'})", "ties what is no CI"),
    ("MATCH (p:Past) WITH p LIMIT 1 SET p.attributes = '{}'", "revision .*: ci .*not what was written"),
    ("MATCH (p:Past) WITH p LIMIT 1 SET p.evil = 1", "ci .*: attribute evil"),
    ("MATCH (p:Past) WHERE p.retired WITH p LIMIT 1 SET p.witness = 'x'", "its digest is"),
    ("MATCH (p:Past) WHERE p.retired WITH p LIMIT 1 SET p.retired_part = 'x'", "attribute retired_part"),
    ("MATCH (p:Past) WITH p LIMIT 1 DELETE p", "revision .*: ci .*is not there"),
    ("MATCH (p:Past) WITH p LIMIT 1 CREATE (q:Past) SET q = properties(p), q.until = 0", "ci .*"),
    ("MATCH (p:PastLink) WITH p LIMIT 1 SET p.attributes = '{}'", "link .*"),
    ("MATCH (i:Identifier) WITH i LIMIT 1 DELETE i", "does not lead to it"),
    ("MATCH (n:CI) WITH n LIMIT 1 CREATE (:Identifier {value: 'agent evil', id: n.id})", "never had that identifier"),
    ("MATCH (c:Claim) WITH c LIMIT 1 SET c.attributes = '{'", "claim .*can not be read"),
    ("MATCH (c:Claim) WITH c LIMIT 1 SET c.evil = 1", "claim .*evil: not as it would"),
    ("MATCH (c:Claim) WITH c LIMIT 1 SET c.target = 'X'", "claim X: the CI of this claim"),
    ("MATCH (c:Claim) WITH c LIMIT 1 SET c.scope = 999", "claim .*: section 999"),
    ("CREATE (:Claim {target: 'A X B', scope: 1, attributes: '{}', identifiers: []})", "the relation of this claim"),
    ("MATCH (s:Scope) SET s.outcome = 'fine'", "scope .*its outcome is 'fine'"),
    ("MATCH (s:Scope) SET s.privilege = 'user'", "its coverage by .* is not what"),
    ("MATCH (s:Scope {number: 1}) SET s.subject = 'X'", "scope X.*its CI was never there"),
    ("MATCH (s:Scope {number: 1}) DELETE s", "section 1 is not there"),
    ("MATCH (c:Coverage) SET c.reason = 'all well'", "its coverage by"),
    ("MATCH (p:Pending) SET p.near = 'X'", "pending X"),
    ("MATCH (p:Pending) WHERE p.far IS NULL SET p.far = 'X'", "resolved to X"),
    ("MATCH (r:Reading) SET r.value = '[]'", "reading .*not those of readings"),
    ("MATCH (r:Reading) SET r.subject = 'X'", "reading X"),
    ("MATCH (s:Same) SET s.digest = 'x'", "same .*no digest"),
    ("MATCH (n:Note) SET n.evil = 1", "note tour me: its property evil"),
    ("MATCH (e:Entry) WHERE e.until IS NULL SET e.value = '{}'", "entry setting web 1"),
    ("MATCH (e:Entry) WITH e LIMIT 1 SET e.evil = 1", "entry .*property evil"),
    ("CREATE (:Entry {kind: 'token', key: 'evil', value: '{}', since: 3, seal: ''})", "entry token evil: it is said|entry"),
    ("MATCH (r:Revision {number: 2}) SET r.actor = 'mallory'", "revision 2: its digest is"),
    ("MATCH (r:Revision {number: 2}) SET r.observed_at = 1", "revision 2: its digest is"),
    ("MATCH (r:Revision {number: 2}) SET r.did = r.did[1..]", "revision 2: made"),
    ("MATCH (r:Revision {number: 2}) SET r.evil = 1", "revision 2: its property evil|property evil"),
    ("MATCH (r:Revision {number: 2}) DELETE r", "follows on revision 1"),
    ("MATCH (h:Head) SET h.digest = 'x'", "the head is revision"),
    ("MATCH (h:Head) SET h.evil = 1", "property evil"),
    ("CREATE (:Head {one: 2, number: 0, committed_at: 0, digest: ''})", "there are 2 of it"),
    ("MATCH (m:Meta) SET m.genesis = 'x'", "meta genesis"),
    (f"{_H} SET n.cpu_count = 2.0", "attribute cpu_count"),
)  # fmt: skip


@pytest.mark.parametrize(("cypher", "said"), ALTERED)
def test_whatever_is_altered_is_named(session: Session, cypher: str, said: str) -> None:
    """Looked at from within the transaction that altered it, which is then rolled back."""
    with session.begin_transaction() as tx:
        assert tx.run(cypher).consume().counters.contains_updates, cypher
        found = list(map(str, verify(Finding(lambda cypher, /, **given: tx.run(cypher, given).values()))))
        tx.rollback()

    assert any(re.search(said, line) for line in found), found
