"""What search compares on a node, and that the database answers a query by its indexes."""

from __future__ import annotations

from typing import Any

import pytest
from neo4j import GraphDatabase

from cmdb.model.classes import CLASSES
from cmdb.model.query_language import parse
from cmdb.model.relationship_types import RELATIONSHIP_TYPES
from cmdb.observation import RELATION_ATTRIBUTES
from cmdb.stores.neo4j_rows import RESERVED, item_properties
from cmdb.stores.neo4j_schema import LABELS
from cmdb.stores.neo4j_search import LISTED_CHARACTERS, TEXT_BYTES, Condition
from cmdb.stores.neo4j_store import Neo4jStore
from tests.cmdb.stores.building import host, package, revise


def test_no_class_attribute_or_relation_is_called_as_something_of_ours() -> None:
    assert not set(LABELS) & set(CLASSES)
    for declared in CLASSES.values():
        assert not set(RESERVED) & set(declared.attributes)
    assert not set(RESERVED) & set(RELATION_ATTRIBUTES)
    for declared in CLASSES.values():
        assert not declared.parents or RELATIONSHIP_TYPES[declared.containment].part in ("subject", "object")


def test_only_what_differs_from_the_attribute_is_kept_beside_it() -> None:
    plain = item_properties(host("web01", os="debian", os_family=["debian"], cpu_count=2))
    upper = item_properties(host("WEB01", os="Debian", os_family=["Debian"]))

    assert {n for n in plain if n.startswith(("_folded", "_sort"))} == set()
    assert {n: v for n, v in upper.items() if n.startswith("_folded")} == {
        "_folded_name": "web01",
        "_folded_os": "debian",
        "_folded_os_family": ["debian"],
    }
    assert plain["_listed"] == "Host web01"
    assert plain["_text"] == " debian web01"


def test_sort_keys_are_kept_where_the_two_orders_of_text_differ() -> None:
    found = item_properties(host("\U0001f600", os_family=["\ue000", "a"]))

    assert {n for n in found if n.startswith("_sort")} == {"_sort_name", "_sort_os_family"}
    assert max(found["_sort_name"]) <= "\uffff"


def test_keys_of_an_index_are_short_enough_for_it() -> None:
    words = sorted({f"{n:05}" + "\U0001d400" * 90 for n in range(600)})
    found = item_properties(host("\U0001f600" * 1000, resolvers=words))

    assert len(found["_listed"].encode()) < 8_000
    assert len(found["_listed"]) == len("Host ") + LISTED_CHARACTERS
    assert found["_rest"]
    assert len(found["_text"].encode()) <= TEXT_BYTES
    assert found["_long"] is True
    assert len(found["_text"].split() + found["_more"].split()) == len(
        set(found["_text"].split() + found["_more"].split())
    )


def test_values_are_parameters_only() -> None:
    hostile = "x' OR n.id IS NOT NULL //`"
    asked = Condition(parse(f'name:"{hostile}" class:Host -os:"{hostile}" "{hostile}" in:{hostile.split()[0]}'))

    assert "OR n.id IS NOT NULL //" not in asked.cypher
    assert hostile.lower() in {str(v).lower() for v in asked.parameters.values()}


@pytest.mark.xdist_group("neo4j")
@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("nginx", "surveymark_ci_text"),
        ("name:Nginx", "surveymark_ci_text"),
        ("class:SoftwarePackage source:ngi*", "surveymark_ci_text"),
        ("id:0123456789ABCDEFGHJKMNPQRS", "surveymark_ci_id"),
        ("in:0123456789ABCDEFGHJKMNPQRS", "surveymark_ci_part"),
    ],
)
def test_a_query_is_answered_by_an_index(cleared_neo4j: str, query: str, index: str) -> None:
    store = Neo4jStore.open(cleared_neo4j)
    web = host()
    revise(store, created=[web, *(package(web, f"p{n}", source="other") for n in range(2000))])
    store.close()
    condition = Condition(parse(query))

    with GraphDatabase.driver(cleared_neo4j) as driver, driver.session() as session:
        cypher = f"EXPLAIN MATCH (n{condition.labels}) WHERE {condition.cypher} RETURN n"
        plan = session.run(cypher, condition.parameters).consume().plan

    assert "AllNodesScan" not in str(plan)
    assert "NodeByLabelScan" not in str(plan)
    assert any(index.removeprefix("surveymark_ci_") in detail for detail in _details(plan))


def _details(plan: Any) -> list[str]:
    own = [str(plan["args"].get("Details", ""))] if "Index" in plan["operatorType"] else []
    return own + [detail for child in plan.get("children", []) for detail in _details(child)]
