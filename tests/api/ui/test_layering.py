"""Tiers of a network."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from api.ui.layering import Tiers, tiers


def _tiers(pairs: str, outer: str = "") -> Tiers:
    """Nodes that are joined: "core-acc acc-h1"; those that begin with h are hosts."""
    near: dict[str, set[str]] = {}
    for a, b in (pair.split("-") for pair in pairs.split()):
        near.setdefault(a, set()).add(b)
        near.setdefault(b, set()).add(a)
    return tiers(sorted(near), near, {n for n in near if n.startswith("h")}, set(outer.split()))


def test_hosts_access_distribution_and_core_are_told_apart() -> None:
    found = _tiers("core-dist1 core-dist2 dist1-acc1 dist2-acc2 acc1-h1 acc2-h2")

    assert found.of == {"core": 3, "dist1": 2, "dist2": 2, "acc1": 1, "acc2": 1, "h1": 0, "h2": 0}
    assert found.titles == ["Core", "Distribution", "Access", "Hosts"]


def test_a_router_beyond_the_core_is_at_the_edge_and_what_is_behind_it_further_out() -> None:
    found = _tiers("spine-leaf1 spine-leaf2 leaf1-h1 leaf2-h2 spine-rt rt-isp", outer="rt")

    assert (found.of["spine"], found.of["rt"], found.of["isp"]) == (2, 3, 4)
    assert found.titles == ["", "Edge", "Core", "Access", "Hosts"]


def test_a_switch_on_which_nothing_was_seen_stands_below_what_it_is_plugged_into() -> None:
    found = _tiers("dist-acc1 dist-acc2 dist-bare acc1-h1 acc2-h2")

    assert (found.of["dist"], found.of["bare"]) == (2, 1)


def test_a_switch_with_something_behind_it_stays_where_it_is() -> None:
    found = _tiers("spine-leaf1 spine-leaf2 leaf1-h1 leaf2-h2 spine-exit exit-wan")

    assert (found.of["spine"], found.of["exit"], found.of["wan"]) == (2, 3, 4)


def test_without_hosts_tiers_are_distances_from_the_centre() -> None:
    found = _tiers("a-b b-c c-d d-e")

    assert found.of == {"c": 3, "b": 2, "d": 2, "a": 1, "e": 1}
    assert found.titles[0] == "Centre"


def test_hosts_that_are_wired_to_each_other_alone_have_a_tier_too() -> None:
    assert set(_tiers("h1-h2").of) == {"h1", "h2"}
    assert _tiers("").of == {}


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=30), st.sets(st.integers(0, 12)))
def test_every_linked_node_has_a_tier_with_a_title(pairs: list[tuple[int, int]], hosts: set[int]) -> None:
    near: dict[str, set[str]] = {}
    for a, b in pairs:
        if a != b:
            near.setdefault(f"n{a}", set()).add(f"n{b}")
            near.setdefault(f"n{b}", set()).add(f"n{a}")

    found = tiers([f"n{n}" for n in range(13)], near, {f"n{n}" for n in hosts}, set())

    assert set(found.of) == set(near)
    assert all(0 <= tier < len(found.titles) for tier in found.of.values())
