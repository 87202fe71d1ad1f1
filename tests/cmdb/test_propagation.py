"""How far trouble travels: worst levels, shortest ways, and that both are one whatever the order of things."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from cmdb.model.classes import CLASSES
from cmdb.model.relationship_types import LEVELS
from cmdb.propagation import Reach, propagate
from cmdb.topology import load
from tests.cmdb.estate import Estate, empty_estate, id_of
from tests.cmdb.random_history import HISTORIES, WIRED, Step, happen
from tests.cmdb.reference_walk import states_of, walk
from tests.cmdb.reference_wiring import ways_of


def reach_of(estate: Estate, *starts: str) -> Reach:
    with estate.store.view() as view:
        topology = load(view)
    return propagate(topology, topology.nodes(starts))


def way(estate: Estate, reach: Reach, word: str) -> list[str]:
    """Names on the path to a CI."""
    node = int(reach.topology.nodes([id_of(word)])[0])
    return [estate.items[reach.topology.id(step)].name for step, _ in reach.path(node)]


def software(estate: Estate, *words: str) -> None:
    for word in words:
        estate.add("SoftwareInstance", word, estate.add("Host", f"host of {word}"))


def needs(estate: Estate, consumer: str, provider: str, strength: str = "hard") -> None:
    estate.link(id_of(consumer), "DEPENDS_ON", id_of(provider), strength=strength)


def test_a_long_way_that_is_worse_beats_a_short_one_that_is_milder() -> None:
    with empty_estate() as estate:
        software(estate, "a", "b", "c")
        needs(estate, "c", "a", "soft")
        needs(estate, "c", "b")
        needs(estate, "b", "a")
        estate.commit()

        reach = reach_of(estate, id_of("a"))

        assert way(estate, reach, "c") == ["a", "b", "c"]
        assert LEVELS[reach.levels[reach.topology.nodes([id_of("c")])[0]] - 1] == "outage"


def test_of_ways_that_are_equally_long_the_one_over_the_lowest_id_is_told() -> None:
    with empty_estate() as estate:
        software(estate, "a", "left", "right", "z")
        for between in ("left", "right"):
            needs(estate, between, "a")
            needs(estate, "z", between)
        estate.commit()

        lowest = min(("left", "right"), key=id_of)

        assert way(estate, reach_of(estate, id_of("a")), "z") == ["a", lowest, "z"]


def test_a_ring_of_dependencies_comes_to_an_end() -> None:
    with empty_estate() as estate:
        software(estate, "a", "b", "c")
        for consumer, provider in (("b", "a"), ("c", "b"), ("a", "c")):
            needs(estate, consumer, provider)
        estate.commit()

        reach = reach_of(estate, id_of("a"))

        assert way(estate, reach, "c") == ["a", "b", "c"]
        assert id_of("a") not in {reach.topology.id(node) for node in reach.reached.tolist()}


def test_without_a_start_nothing_is_reached() -> None:
    with empty_estate() as estate:
        assert len(reach_of(estate).reached) == 0
        software(estate, "a")
        estate.commit()
        assert len(reach_of(estate).reached) == 0


@settings(max_examples=80)
@given(HISTORIES | WIRED, st.sets(st.integers(0, 30), max_size=3))
def test_levels_and_states_are_those_of_the_plain_walk(history: list[list[Step]], picks: set[int]) -> None:
    with empty_estate() as estate:
        for steps in history:
            happen(estate, steps)
        nodes = sorted(i for i, item in estate.items.items() if CLASSES[item.class_name].topology)
        starts = {nodes[pick % len(nodes)] for pick in picks if nodes}

        reach = reach_of(estate, *starts)

        ids = {node: reach.topology.id(node) for node in range(len(nodes))}
        levels = {ids[node]: LEVELS[level - 1] for node, level in enumerate(reach.levels.tolist()) if level}
        ways = ways_of(estate, starts)
        expected = {id_: reached.level for id_, reached in walk(ways, starts).items()}
        assert levels == {**expected, **dict.fromkeys(starts, "outage")}
        assert {ids[node] for node in reach.plain.nonzero()[0].tolist()} == {
            id_ for id_, stands in states_of(ways, starts) if not stands
        }
        place = {node: number for number, node in enumerate(reach.reached.tolist())}
        for node in place:
            before = [step for step, _ in reach.path(node)][:-1]
            assert all(step not in place or place[step] < place[node] for step in before)
