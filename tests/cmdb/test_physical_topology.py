"""The physical map."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cmdb.model.errors import NotFoundError, UsageError
from cmdb.physical_topology import Document, Wanted, around, topology
from cmdb.ports import Store
from tests.cmdb.building import open_store
from tests.cmdb.fabric import leaf_spine, one, wire


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Two spines, four leaves, two hosts bonded to each pair of leaves, an edge router with what it sees."""
    found = open_store(Path(tmp_path_factory.mktemp("fabric")) / "cmdb.db")
    wire(found, leaf_spine(2, 4, 2, border=True))
    yield found
    found.close()


def asked(store: Store, wanted: Wanted | None = None, at: int | None = None) -> Document:
    with store.view() as view:
        return topology(view, wanted or Wanted(), at)


def names(found: Document) -> set[str]:
    return {node["name"] for node in found["nodes"]}


def cables(found: Document) -> set[tuple[str, str | None, str, str | None, str]]:
    called = {node["id"]: node["name"] for node in found["nodes"]}
    return {
        (called[k["a"]["id"]], k["a"]["port"], called[k["b"]["id"]], k["b"]["port"], k["proof"]) for k in found["links"]
    }


def test_all_of_it_has_every_host_device_and_cable_with_its_proof(store: Store) -> None:
    found = asked(store)

    assert names(found) >= {"spine01", "leaf04", "srv02-02", "edge01", "isp-router"}
    assert {
        ("leaf01", "swp51", "spine01", "swp1", "confirmed"),
        ("srv01-01", "eth1", "leaf02", "swp1", "inferred"),
    } <= cables(found)
    assert ("edge01", "et10", "isp-router", None, "one-sided") in cables(found)
    assert found["complete"]
    assert len(found["links"]) == 8 + 4 + 8 + 2 + 2
    seen = {n["name"]: n["discovered"] for n in found["nodes"]}
    assert (seen["isp-router"], seen["edge01"]) == (False, True)
    assert {n["name"]: n["role"] for n in found["nodes"]}["fw01"] == "firewall"


def test_devices_that_hosts_are_bonded_to_together_are_a_group(store: Store) -> None:
    found = asked(store)

    assert [(g["kind"], g["name"]) for g in found["groups"]] == [
        ("bonded", "leaf01 + leaf02"),
        ("bonded", "leaf03 + leaf04"),
    ]


def test_a_bridge_over_two_ports_is_no_bond(tmp_path: Path) -> None:
    found = open_store(tmp_path / "cmdb.db")
    fabric = leaf_spine(1, 2, 1)
    fabric.bonds = dict.fromkeys(fabric.bonds, "br0")
    fabric.kind = "bridge"
    wire(found, fabric)
    assert asked(found)["groups"] == []
    found.close()


def test_a_depth_goes_so_many_links_far_and_counts_what_is_left_out(store: Store) -> None:
    host = one(store, "class:Host name:srv01-01").id

    near, all_of_it = asked(store, Wanted((host,), depth=1)), asked(store, Wanted((host,)))

    assert names(near) == {"srv01-01", "leaf01", "leaf02"}
    assert len(near["links"]) == 2 + 2
    assert (near["complete"], near["left_out"]) == (False, {"nodes": 3, "links": 6})
    assert (all_of_it["complete"], names(all_of_it)) == (True, names(asked(store)))


def test_the_map_around_one_is_made_of_its_own_ports(store: Store) -> None:
    leaf = one(store, "class:NetworkDevice name:leaf01")
    with store.view() as view:
        found = around(view, leaf)

    assert names(found) == {"leaf01", "leaf02", "spine01", "spine02", "srv01-01", "srv01-02"}
    assert len(found["links"]) == 2 + 2 + 2


def test_a_part_stands_for_what_it_is_a_part_of_and_what_is_no_part_is_said(store: Store) -> None:
    port = one(store, "class:NetworkInterface name:port1")

    found = asked(store, Wanted((port.id,), depth=1))

    assert [r["name"] for r in found["roots"]] == ["fw01"]
    assert names(found) == {"fw01", "edge01"}


def test_queries_name_where_it_begins_and_classes_what_is_shown(store: Store) -> None:
    found = asked(store, Wanted(queries=("class:NetworkDevice name:leaf*",), depth=1, classes=("NetworkDevice",)))

    assert names(found) == {"leaf01", "leaf02", "leaf03", "leaf04", "spine01", "spine02"}
    assert found["left_out"] == {"nodes": 5, "links": 8 + 2}


def test_like_nodes_above_the_bound_become_boxes_that_are_counted(store: Store) -> None:
    whole, found = asked(store), asked(store, Wanted(most=10))

    assert len(found["nodes"]) <= 10
    assert sum(n["count"] for n in found["nodes"]) == len(whole["nodes"])
    assert sum(k["count"] for k in found["links"]) + sum(n.get("links_within", 0) for n in found["nodes"]) == len(
        whole["links"]
    )
    assert found["collapsed"]["boxes"]
    assert found["complete"]


def test_as_of_a_revision_before_the_links_there_are_none(store: Store) -> None:
    found = asked(store, at=1)

    assert found["links"] == []
    assert found["revision"] == 1


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        (Wanted(("0" * 26,)), NotFoundError),
        (Wanted(queries=("class:Host name:nobody",)), NotFoundError),
        (Wanted(queries=("class:",)), UsageError),
        (Wanted(depth=-1), UsageError),
        (Wanted(most=1), UsageError),
        (Wanted(classes=("Endpoint",)), UsageError),
    ],
)
def test_what_can_not_be_asked_is_refused(store: Store, wanted: Wanted, error: type[Exception]) -> None:
    with pytest.raises(error):
        asked(store, wanted)
