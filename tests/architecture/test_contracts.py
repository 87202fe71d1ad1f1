"""The import contracts of pyproject.toml bite: shown on graphs made for it."""

from __future__ import annotations

from grimp import ImportGraph
from importlinter import Contract

from tests.architecture.contracts import ImportsOnly, OneOwner


def test_only_the_owner_and_what_lies_below_it_imports_a_library() -> None:
    owner = _contract(OneOwner, libraries=["neo4j"], owners=["cmdb.stores.neo4j_store*"])
    kept = [
        ("cmdb.stores.neo4j_store", "neo4j"),
        ("cmdb.stores.neo4j_store_search", "neo4j"),
        ("cmdb.stores.neo4j_store.rows", "neo4j"),
        ("cmdb.stores.sqlite_store", "sqlite3"),
    ]

    assert _wrong(owner, kept) == []
    assert _wrong(owner, [*kept, ("cmdb.query", "neo4j")]) == [("cmdb.query", "neo4j")]


def test_a_package_imports_only_what_is_allowed() -> None:
    agent = _contract(ImportsOnly, package="agent", allowed=["agent", "cmdb.model", "psutil", "<stdlib>"])
    kept = [
        ("agent.run", "agent.fact"),
        ("agent.run", "cmdb.model.batch"),
        ("agent.run", "json"),
        ("agent.run", "psutil"),
        ("api.app", "flask"),
    ]

    assert _wrong(agent, kept) == []
    assert _wrong(agent, [*kept, ("agent.run", "cmdb.ingest")]) == [("agent.run", "cmdb.ingest")]
    assert _wrong(agent, [*kept, ("agent.submit", "requests")]) == [("agent.submit", "requests")]


def _contract(kind: type[Contract], **options: object) -> Contract:
    return kind(name="under test", session_options={}, contract_options=options)


def _wrong(contract: Contract, imports: list[tuple[str, str]]) -> list[tuple[str, str]]:
    graph = ImportGraph()
    for importer, imported in imports:
        graph.add_import(importer=importer, imported=imported)
    check = contract.check(graph, verbose=False)
    assert check.kept == (not check.metadata["wrong"])
    return list(check.metadata["wrong"])
