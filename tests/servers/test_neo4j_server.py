"""The Neo4j of the tests is a real one, shared, and empty for each test."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from neo4j import GraphDatabase

from tests.servers import neo4j_server


def test_a_test_gets_an_empty_database(empty_neo4j: str) -> None:
    with GraphDatabase.driver(empty_neo4j) as driver:
        driver.execute_query("CREATE CONSTRAINT host_id FOR (h:Host) REQUIRE h.id IS UNIQUE")
        driver.execute_query("CREATE FULLTEXT INDEX words FOR (h:Host) ON EACH [h.words]")
        driver.execute_query("UNWIND range(1, 50) AS n CREATE (h:Host {id: n}) CREATE (h)-[:HAS]->(:Part)")

        neo4j_server.wipe(empty_neo4j)

        assert driver.execute_query("MATCH (n) RETURN count(n) AS n").records[0]["n"] == 0
        assert driver.execute_query("SHOW CONSTRAINTS").records == []
        assert [row["type"] for row in driver.execute_query("SHOW INDEXES").records] == ["LOOKUP", "LOOKUP"]


def test_the_server_is_the_version_that_the_pom_names(neo4j_url: str) -> None:
    with GraphDatabase.driver(neo4j_url) as driver:
        row = driver.execute_query("CALL dbms.components() YIELD versions, edition").records[0]

    assert row["edition"] == "community"
    assert neo4j_server.VERSION in row["versions"] or "SURVEYMARK_TEST_NEO4J_URL" in os.environ


def test_who_comes_second_gets_the_same_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, neo4j_url: str) -> None:
    (tmp_path / "neo4j.url").write_text(neo4j_url)
    monkeypatch.setattr(neo4j_server, "server", _none_may_start)

    with neo4j_server.shared_server(tmp_path) as url:
        assert url == neo4j_url

    assert (tmp_path / "neo4j.url").exists(), "only who started it ends it"


def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(neo4j_server.ServerError, match="ended with status"), neo4j_server.server(["-XX:+NoSuchOption"]):
        pass


def _none_may_start() -> None:
    raise AssertionError("a second server was started")
