"""What the Neo4j store promises beside the port: its graph, its errors, and that nothing is lost with a connection."""

from __future__ import annotations

import socket
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress

import pytest
from neo4j import GraphDatabase
from neo4j.exceptions import AuthError, ConfigurationError, TransientError

from cmdb.model.errors import StoreError, UsageError
from cmdb.stores import neo4j_outbox
from cmdb.stores.neo4j_store import Neo4jStore
from cmdb.stores.neo4j_store_errors import explained
from tests.cmdb.stores.building import (
    changed,
    current,
    host,
    link,
    package,
    part,
    revise,
    revise_in,
    scope,
    write,
)
from tests.cmdb.stores.conformance_erasing import TOKEN, erase
from tests.cmdb.stores.conformance_traces import told_everywhere
from tests.cmdb.stores.lossy_proxy import lossy

pytestmark = pytest.mark.xdist_group("neo4j")

Ask = Callable[..., list[list[object]]]


@pytest.fixture
def store(cleared_neo4j: str) -> Iterator[Neo4jStore]:
    with closing(Neo4jStore.open(cleared_neo4j)) as opened:
        yield opened


@pytest.fixture
def ask(neo4j_url: str) -> Iterator[Ask]:
    """Cypher by hand, past the store."""
    with GraphDatabase.driver(neo4j_url) as driver, driver.session() as session:
        yield lambda cypher, **given: session.run(cypher, given).values()


# -- the graph -------------------------------------------------------------------------------------------------------------


def test_the_current_graph_is_one_to_query_by_hand(store: Neo4jStore, ask: Ask) -> None:
    web = host("web01", os="debian", cpu_count=2, gateways=[])
    nginx = part(web, "SoftwareInstance", "unit nginx", name="nginx", ports=["tcp/80"])
    conf = part(web, "ConfigFile", "/etc/nginx.conf", path="/etc/nginx.conf", size_bytes=7)
    opened = part(web, "Endpoint", "tcp/::/80", name="tcp [::]:80", port=80, exposed=True)
    revise(store, created=[web, nginx, conf, opened], links=[link(nginx, "EXPOSES", opened, why="socket")])

    assert ask("MATCH (h:Host {name: 'web01'}) RETURN h.os, h.cpu_count, h.gateways, h.id, h.key, h.since") == [
        ["debian", 2, [], web.id, "web01", 1]
    ]
    assert ask("MATCH (s:SoftwareInstance)-[r:RUNS_ON]->(:Host) RETURN s.ports, r.since") == [[["tcp/80"], 1]]
    assert ask("MATCH (:Host)-[:CONTAINS]->(f:ConfigFile) RETURN f.name, f.size_bytes") == [["/etc/nginx.conf", 7]]
    assert ask("MATCH (:SoftwareInstance)-[r:EXPOSES]->(e:Endpoint {exposed: true}) RETURN e.port, r.why, r.since") == [
        [80, "socket", 1]
    ]


def test_what_is_past_stands_outside_the_current_graph(store: Neo4jStore, ask: Ask) -> None:
    web, db = host("web01"), host("db01")
    uses = link(web, "DEPENDS_ON", db)
    revise(store, created=[web, db], links=[uses])
    revise(store, updated=[(db, changed(db, os="debian"))], retired=[web], links_retired=[uses])

    assert ask("MATCH (n:CI) RETURN n.id, n.since") == [[db.id, 2]]
    assert ask("MATCH ()-[r]-() RETURN count(r)") == [[0]]
    assert ask("MATCH (p:Past) WHERE NOT p:CI RETURN p.until, p.retired ORDER BY p.retired") == [[2, False], [2, True]]


def test_statements_of_many_rows_are_sent_in_pieces(store: Neo4jStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neo4j_outbox, "MOST_ROWS", 7)
    hosts = [host(f"web{n}", f"mac {n}") for n in range(20)]
    parts = [package(one, f"p{n}") for one in hosts for n in range(3)]

    revise(store, created=[*hosts, *parts], links=[link(one, "DEPENDS_ON", hosts[0]) for one in hosts])

    assert current(store, *hosts, *parts) == [*hosts, *parts]
    with store.view() as view:
        assert view.counts() == {"Host": 20, "SoftwarePackage": 60, "links": 20, "revisions": 1}


def test_a_part_without_its_parent_is_refused(store: Neo4jStore) -> None:
    with pytest.raises(StoreError, match="an end of them is not in the graph"):
        revise(store, created=[package(host("never written"), "nginx")])

    with store.view() as view:
        assert view.counts() == {"links": 0, "revisions": 0}


def test_check_finds_what_was_written_by_hand(store: Neo4jStore, ask: Ask) -> None:
    web = host()
    revise(store, created=[web, package(web, "nginx")])
    ask("CREATE (:CI:Host {id: 'by hand'})")
    ask("MATCH (:Host)-[r:CONTAINS]->(:SoftwarePackage) DELETE r")
    ask("MATCH (n:Host {id: $id}) SET n:Endpoint", id=web.id)
    ask("DROP INDEX surveymark_ci_text")

    found = "\n".join(store.check())

    assert "surveymark_ci_text is missing" in found
    assert "by hand lacks properties" in found
    assert f"{web.id} is not of exactly one class" in found
    assert "has no relationship to its parent" in found


# -- opening ---------------------------------------------------------------------------------------------------------------


def test_genesis_and_key_are_what_was_given(cleared_neo4j: str) -> None:
    given = iter([b"\1" * 32, b"\2" * 32])
    with closing(Neo4jStore.open(cleared_neo4j, randomness=lambda n: next(given)[:n], clock=lambda: 5)) as one:
        assert one.genesis() == "01" * 32
        assert one.digest_key() == b"\2" * 32


def test_a_password_in_the_url_is_refused_and_not_repeated() -> None:
    with pytest.raises(UsageError, match="SURVEYMARK_STORE_PASSWORD") as refused:
        Neo4jStore.open("neo4j://neo4j:tr0ub4dor@127.0.0.1")

    assert "tr0ub4dor" not in refused.value.message


@pytest.mark.parametrize("url", ["neo4j://", "http://127.0.0.1", "bolt://[::1", "neo4j://host:port"])
def test_a_url_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match=r"no address of a Neo4j|not valid"):
        Neo4jStore.open(url)


@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
def test_a_server_that_does_not_answer_is_named(scheme: str) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"{scheme}://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(StoreError, match=rf"{url} does not answer .* start Neo4j there"):
            Neo4jStore.open(url, patience=5)


def test_a_database_that_does_not_exist_is_named(neo4j_url: str) -> None:
    with pytest.raises(StoreError, match="there is no such database"):
        Neo4jStore.open(f"{neo4j_url}/none")


def test_the_database_may_be_named(cleared_neo4j: str) -> None:
    with closing(Neo4jStore.open(f"{cleared_neo4j}/neo4j", password="any")) as one:
        assert one.url == f"{cleared_neo4j}/neo4j"
        assert revise(one, created=[host()]) == 1


def test_the_database_of_another_program_is_left_alone(empty_neo4j: str, ask: Ask) -> None:
    ask("CREATE (:Movie {title: 'x'})")

    with pytest.raises(StoreError, match="database of another program"):
        Neo4jStore.open(empty_neo4j)

    assert ask("MATCH (n) RETURN labels(n)") == [[["Movie"]]]
    assert ask("SHOW CONSTRAINTS YIELD name") == []


def test_a_newer_schema_is_refused(store: Neo4jStore, ask: Ask) -> None:
    ask("MATCH (m:Meta) SET m.version = 99")

    with pytest.raises(StoreError, match=r"has schema 99, .* upgrade Surveymark"):
        Neo4jStore.open(store.url)


def test_several_that_make_the_same_store_at_once_agree_on_it(empty_neo4j: str) -> None:
    with ThreadPoolExecutor(3) as pool:
        made = [opened.result() for opened in [pool.submit(Neo4jStore.open, empty_neo4j) for _ in range(3)]]
    try:
        assert len({one.genesis() for one in made}) == 1
        assert [number for one in made for number in [revise(one)]] == [1, 2, 3]
    finally:
        for one in made:
            one.close()


def test_an_index_that_belongs_to_no_constraint_is_no_constraint(store: Neo4jStore, ask: Ask) -> None:
    """A process that was ended while it made one leaves the index behind; nothing is unique by it."""
    name = "surveymark_revision_number"
    ask(f"DROP CONSTRAINT {name}")
    ask(f"CREATE INDEX {name} FOR (n:Revision) ON (n.number)")

    with closing(Neo4jStore.open(store.url)) as again:
        assert list(again.check()) == []
    assert name in [row[0] for row in ask("SHOW CONSTRAINTS YIELD name")]


def test_what_is_missing_of_the_schema_is_made_again(store: Neo4jStore, ask: Ask) -> None:
    ask("DROP INDEX surveymark_ci_text")

    with closing(Neo4jStore.open(store.url)) as again:
        assert list(again.check()) == []


def test_a_closed_store_says_so(store: Neo4jStore) -> None:
    store.close()

    with pytest.raises(StoreError, match="is closed"), store.view():
        pass


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (AuthError("no"), "SURVEYMARK_STORE_PASSWORD"),
        (ConfigurationError("no"), r"neo4j\+s://host:port where it speaks TLS"),
        (TransientError("memory"), "nothing of this was kept: try again"),
    ],
)
def test_what_the_database_says_becomes_a_sentence_with_the_remedy(error: Exception, sentence: str) -> None:
    with pytest.raises(StoreError, match=sentence), explained("bolt://x", "me"):
        raise error


# -- writers ---------------------------------------------------------------------------------------------------------------


def test_a_writer_that_waits_too_long_is_told_who_writes(store: Neo4jStore) -> None:
    with (
        closing(Neo4jStore.open(store.url, patience=0.3)) as other,
        store.transaction() as tx,
        pytest.raises(StoreError, match=r"is being written by \S+ process \d+ for over"),
        other.transaction(),
    ):
        assert tx.head().number == 0
    assert revise(store, created=[host()]) == 1


def test_a_thread_that_waits_too_long_is_told_so(cleared_neo4j: str) -> None:
    with ExitStack() as stack:
        one = stack.enter_context(closing(Neo4jStore.open(cleared_neo4j, patience=0.1)))
        stack.enter_context(one.transaction())
        with pytest.raises(StoreError, match="Another thread of this process"):
            stack.enter_context(one.transaction())


def test_a_commit_that_landed_while_the_connection_was_lost_is_no_error(store: Neo4jStore, neo4j_url: str) -> None:
    with lossy(neo4j_url) as proxy, closing(Neo4jStore.open(proxy.url)) as one:
        web = host()
        with one.transaction() as tx:
            tx.number_scopes([scope(web)])
            proxy.lose = "after"
        with one.transaction() as tx:
            proxy.lose = "after"
            revise_in(tx, created=[web])

        assert proxy.lost == 2
        assert current(one, web) == [web]
        with one.view() as view:
            assert len(view.scopes(web.id)) == 1


def test_a_commit_that_did_not_land_says_so_and_can_be_sent_again(store: Neo4jStore, neo4j_url: str) -> None:
    with lossy(neo4j_url) as proxy, closing(Neo4jStore.open(proxy.url)) as one:
        web = host()
        proxy.lose = "before"
        with pytest.raises(StoreError, match="nothing of this was written: send it again"):
            revise(one, created=[web])

        with one.view() as view:
            assert view.counts() == {"links": 0, "revisions": 0}
        assert revise(one, created=[host()]) == 1


def test_a_gate_that_a_dead_writer_left_open_is_closed_by_a_reader(store: Neo4jStore, ask: Ask) -> None:
    web = host()
    revise(store, created=[web])
    ask("MATCH (g:Gate) SET g.announced = g.announced + 1")

    assert current(store, web) == [web]

    assert ask("MATCH (g:Gate) RETURN g.announced - g.settled") == [[0]]


def test_a_view_sees_no_revision_for_a_transaction_that_only_read(store: Neo4jStore, ask: Ask) -> None:
    before = ask("MATCH (g:Gate) RETURN g.announced")
    with store.transaction() as tx:
        assert tx.counts() == {"links": 0, "revisions": 0}
    write(store)

    assert ask("MATCH (g:Gate) RETURN g.announced") == before


# -- what is erased --------------------------------------------------------------------------------------------------------


def test_no_property_of_the_database_has_a_value_that_was_erased(store: Neo4jStore, ask: Ask) -> None:
    cmdb = told_everywhere(store)
    assert TOKEN in properties(ask)
    erase(cmdb)
    assert TOKEN not in properties(ask)
    assert TOKEN[:16] not in properties(ask)


def properties(ask: Ask) -> str:
    """All properties of all nodes and relationships, what is compressed in the clear."""
    found = ask("MATCH (n) RETURN properties(n) UNION ALL MATCH ()-[r]->() RETURN properties(r) AS `properties(n)`")
    return "\n".join(in_the_clear(value) for (row,) in found for value in row.values())  # type: ignore[attr-defined]


def in_the_clear(value: object) -> str:
    if isinstance(value, bytes | bytearray):
        with suppress(zlib.error):
            return zlib.decompress(value).decode()
        return bytes(value).decode("latin-1")
    return str(value)
