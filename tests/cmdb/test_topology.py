"""The topology holds what trouble travels over, and moving forward gives what a fresh load gives."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdb.attachments import Attachments
from cmdb.crossings import CROSSINGS, TOPOLOGY_CLASSES
from cmdb.topology import FEW, Topology, load
from tests.cmdb.estate import Estate, empty_estate
from tests.cmdb.random_history import HISTORIES, WIRED, Step, happen

Arcs = set[tuple[str, str, str, int]]


def arcs(found: Topology, estate: Estate) -> Arcs:
    """(name of source, type, name of target, level) of every arc."""
    names = [estate.items[found.id(node)].name for node in range(len(found.ids))]
    told: Arcs = set()
    for source, target, code in zip(found.sources, found.targets, found.codes, strict=True):
        crossing = CROSSINGS[code]
        assert crossing
        told.add((names[source], crossing.type, names[target], crossing.level))
    return told


def same(one: Topology, other: Topology) -> bool:
    names = ("ids", "classes", "parents", "sources", "targets", "codes", "starts", "wires", "traits")
    return (
        one.revision == other.revision
        and all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)
        and all(
            np.array_equal(getattr(one.attachments, each.name), getattr(other.attachments, each.name))
            for each in fields(Attachments)
        )
    )


def web_and_database(estate: Estate) -> tuple[str, str, str]:
    host = estate.add("Host", "web")
    nginx = estate.add("SoftwareInstance", "nginx", host)
    port = estate.add("Endpoint", "tcp 80", host)
    estate.link(nginx, "EXPOSES", port)
    estate.commit()
    return host, nginx, port


def test_containment_and_relations_are_arcs_in_the_directions_of_their_rules() -> None:
    with empty_estate() as estate:
        web_and_database(estate)
        with estate.store.view() as view:
            found = load(view)

        assert arcs(found, estate) == {
            ("web", "RUNS_ON", "nginx", 4),
            ("web", "CONTAINS", "tcp 80", 4),
            ("nginx", "EXPOSES", "tcp 80", 4),
            ("tcp 80", "EXPOSES", "nginx", 3),
        }


def test_a_soft_dependency_is_an_arc_of_a_milder_level() -> None:
    with empty_estate() as estate:
        _, nginx, _ = web_and_database(estate)
        database = estate.add("SoftwareInstance", "postgres", estate.add("Host", "db"))
        estate.link(nginx, "DEPENDS_ON", database)
        estate.commit()
        with estate.store.view() as view:
            hard = load(view)
        assert ("postgres", "DEPENDS_ON", "nginx", 4) in arcs(hard, estate)

        estate.link(nginx, "DEPENDS_ON", database, strength="soft")
        estate.commit()
        with estate.store.view() as view:
            soft = hard.forward(view)
        assert ("postgres", "DEPENDS_ON", "nginx", 3) in arcs(soft, estate)
        assert ("postgres", "DEPENDS_ON", "nginx", 4) not in arcs(soft, estate)


def test_what_is_outside_the_topology_is_no_node_and_has_no_arc() -> None:
    with empty_estate() as estate:
        host, nginx, _ = web_and_database(estate)
        package = estate.add("SoftwarePackage", "nginx-core", host)
        estate.link(nginx, "DEPENDS_ON", package)
        estate.commit()
        with estate.store.view() as view:
            found = load(view)

        assert found.nodes([package]).tolist() == [-1]
        assert "nginx-core" not in {end for source, _, target, _ in arcs(found, estate) for end in (source, target)}


def test_an_empty_store_has_an_empty_topology_that_can_be_moved_forward() -> None:
    with empty_estate() as estate:
        with estate.store.view() as view:
            empty = load(view)
        web_and_database(estate)
        with estate.store.view() as view:
            moved = empty.forward(view)

            assert len(empty.ids) == 0
            assert same(moved, load(view))


def test_a_view_that_is_older_than_the_topology_gets_its_own() -> None:
    with empty_estate() as estate:
        web_and_database(estate)
        with estate.store.view() as older:
            estate.add("Host", "another")
            estate.commit()
            with estate.store.view() as newer:
                found = load(newer)

            assert same(found.forward(older), load(older))


def test_nothing_new_gives_the_same_topology() -> None:
    with empty_estate() as estate:
        web_and_database(estate)
        with estate.store.view() as view:
            found = load(view)

            assert found.forward(view) is found


def test_the_past_is_as_it_was() -> None:
    with empty_estate() as estate:
        _, nginx, _ = web_and_database(estate)
        with estate.store.view() as view:
            then = load(view)
        estate.retire(nginx)
        estate.commit()
        with estate.store.view() as view:
            assert same(load(view, at=1), then)
            assert not same(load(view), then)


def test_a_part_that_is_found_at_another_host_belongs_there() -> None:
    with empty_estate() as estate:
        _, nginx, _ = web_and_database(estate)
        with estate.store.view() as view:
            before = load(view)
        estate.retire(nginx)
        estate.commit()
        estate.add("SoftwareInstance", "nginx", estate.add("Host", "other"))
        estate.commit()
        with estate.store.view() as view:
            after = before.forward(view)

            assert ("other", "RUNS_ON", "nginx", 4) in arcs(after, estate)
            assert ("web", "RUNS_ON", "nginx", 4) not in arcs(after, estate)


@settings(max_examples=60)
@given(HISTORIES | WIRED)
def test_moving_forward_gives_what_a_fresh_load_gives(history: list[list[Step]]) -> None:
    with empty_estate() as estate:
        with estate.store.view() as view:
            moved = load(view)
        for steps in history:
            happen(estate, steps)
            with estate.store.view() as view:
                moved = moved.forward(view)

                assert same(moved, load(view))


@settings(max_examples=25)
@given(HISTORIES | WIRED, st.integers(0, 8))
def test_the_past_is_loaded_as_it_was_and_moves_over_several_revisions(history: list[list[Step]], begin: int) -> None:
    with empty_estate() as estate:
        loaded: list[Topology] = []
        for steps in history:
            happen(estate, steps)
            with estate.store.view() as view:
                loaded.append(load(view))
        with estate.store.view() as view:
            for then in loaded:
                assert same(load(view, at=then.revision), then)
            assert same(loaded[begin % len(loaded)].forward(view), loaded[-1])


def test_a_great_change_is_loaded_afresh() -> None:
    with empty_estate() as estate:
        with estate.store.view() as view:
            empty = load(view)
        for number in range(FEW + 1):
            estate.add("Host", f"host {number}")
        estate.commit()
        with estate.store.view() as view:
            assert same(empty.forward(view), load(view))


def test_classes_of_nodes_are_those_of_their_items() -> None:
    with empty_estate() as estate:
        web_and_database(estate)
        with estate.store.view() as view:
            found = load(view)
            classes = {found.id(n): TOPOLOGY_CLASSES[code] for n, code in enumerate(found.classes)}

            assert classes == {item.id: item.class_name for item in view.scan(TOPOLOGY_CLASSES)}
