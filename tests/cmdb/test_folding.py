"""Like nodes as one counted box."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cmdb.folding import LEAST, fold, fold_within, weakest


def node(id_: str, class_name: str = "Host", role: str | None = "host", **other: Any) -> dict[str, Any]:
    told = {
        "id": id_,
        "class": class_name,
        "name": id_,
        "role": role,
        "discovered": True,
        "group": None,
        "linked": True,
    }
    return {**told, "count": 1, **other}


def link(a: str, b: str, proof: str | None = "inferred", port: str = "p") -> dict[str, Any]:
    ends = {"a": {"id": a, "port": "eth0", "port_id": None}, "b": {"id": b, "port": port, "port_id": None}}
    return {**ends, "type": "LINKED_VIA", "proof": proof, "evidence": None, "note": None, "count": 1}


def switch(id_: str) -> dict[str, Any]:
    return node(id_, "NetworkDevice", "bridge")


@st.composite
def maps(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    size = draw(st.integers(1, 30))
    nodes = [draw(st.sampled_from([node, switch]))(f"n{k:02}") for k in range(size)]
    pairs = draw(st.lists(st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)), max_size=60))
    proofs = st.sampled_from(["confirmed", "one-sided", "inferred", None])
    return nodes, [link(f"n{a:02}", f"n{b:02}", draw(proofs)) for a, b in pairs if a != b]


@settings(deadline=None)
@given(maps(), st.integers(10, 20), st.integers(0, 4), st.lists(st.integers(0, 30)))
def test_every_node_and_link_is_there_or_counted(
    given_map: tuple[list[dict[str, Any]], list[dict[str, Any]]], most: int, like: int, opened: list[int]
) -> None:
    nodes, links = given_map

    found = fold(nodes, links, most, like, opened=[f"~n{k:02}" for k in opened])

    assert len(found.nodes) <= most
    assert sum(n["count"] for n in found.nodes) == len(nodes)
    within = sum(n.get("links_within", 0) for n in found.nodes)
    assert sum(k["count"] for k in found.links) + within == len(links)
    ids = {n["id"] for n in found.nodes}
    assert {e for k in found.links for e in (k["a"]["id"], k["b"]["id"])} <= ids
    assert sorted(m for some in found.members.values() for m in some) + sorted(ids & {n["id"] for n in nodes})
    assert found == fold(nodes, links, most, like, opened=[f"~n{k:02}" for k in opened])


def test_hosts_of_one_switch_are_one_box_and_a_link_tells_how_many_it_is() -> None:
    hosts = [node(f"h{n}") for n in range(40)]
    found = fold([switch("s"), *hosts], [link(f"h{n}", "s", port=f"p{n}") for n in range(40)], 300, like=5)

    assert [(n["name"], n["count"]) for n in found.nodes] == [("s", 1), ("40 hosts", 40)]
    (one,) = found.links
    assert (one["count"], one["proof"], one["proofs"], one["b"]["port"]) == (40, "inferred", {"inferred": 40}, None)
    assert found.collapsed == {"boxes": 1, "nodes": 40, "links": 40}


def test_hosts_with_another_proof_or_other_neighbours_stay_apart() -> None:
    nodes = [switch("s"), switch("t"), *(node(f"h{n}") for n in range(4))]
    links = [link("h0", "s"), link("h1", "s"), link("h2", "s", "confirmed"), link("h3", "t")]

    assert {n["name"] for n in fold(nodes, links, 300, like=2).nodes} == {"s", "t", "2 hosts", "h2", "h3"}


def test_switches_that_differ_only_in_what_hangs_on_them_are_folded_when_there_are_too_many() -> None:
    switches = [switch(f"s{n:02}") for n in range(40)]
    hosts = [node(f"h{n:02}-{k}") for n in range(40) for k in range(3)]
    links = [link(f"s{n:02}", "core") for n in range(40)]
    links += [link(f"h{n:02}-{k}", f"s{n:02}") for n in range(40) for k in range(3)]

    found = fold([switch("core"), *switches, *hosts], links, 10)

    assert {n["name"] for n in found.nodes} == {"core", "40 switches", "120 hosts"}


def test_an_opened_box_shows_members_and_keeps_the_rest() -> None:
    hosts = [node(f"h{n:03}") for n in range(100)]
    found = fold([switch("s"), *hosts], [link(h["id"], "s") for h in hosts], 300, like=5, opened=["~h000"])

    assert sorted({n["name"] for n in found.nodes} - {h["id"] for h in hosts}) == ["40 hosts", "s"]
    assert len(found.nodes) == 62


def test_what_is_asked_about_is_never_folded() -> None:
    hosts = [node(f"h{n}") for n in range(9)]
    found = fold([switch("s"), *hosts], [link(h["id"], "s") for h in hosts], 300, like=5, kept={"h3"})

    assert {n["name"] for n in found.nodes} == {"s", "h3", "8 hosts"}


def test_the_weakest_proof_counts() -> None:
    assert weakest(["confirmed", "one-sided"]) == "one-sided"
    assert weakest(["confirmed", None]) is None
    assert weakest([]) is None


@settings(deadline=None)
@given(maps(), st.integers(10, 40), st.integers(1, 60))
def test_links_above_a_bound_become_one_between_two_and_none_is_lost(
    given_map: tuple[list[dict[str, Any]], list[dict[str, Any]]], most: int, most_links: int
) -> None:
    nodes, links = given_map

    found = fold_within(nodes, links, most, most_links)

    assert len(found.links) <= most_links or len(found.nodes) <= LEAST
    assert len(found.links) <= max(most_links, LEAST * (LEAST - 1) // 2)
    assert sum(n["count"] for n in found.nodes) == len(nodes)
    within = sum(n.get("links_within", 0) for n in found.nodes)
    assert sum(k["count"] for k in found.links) + within == len(links)
    assert all(sum(k["proofs"].values()) == k["count"] for k in found.links if k["count"] > 1)
    if len(fold(nodes, links, most).links) <= most_links:
        assert found == fold(nodes, links, most)


def test_cables_of_two_switches_become_one_row_before_any_node_is_folded() -> None:
    nodes = [switch("a"), switch("b"), node("h")]
    links = [link("a", "b", "confirmed", port=f"p{n}") for n in range(3)]
    links += [link("b", "a", "one-sided"), link("h", "a", "inferred", port="p9")]

    found = fold_within(nodes, links, 10, 4)

    assert [(k["a"]["id"], k["b"]["id"], k["count"], k["proof"]) for k in found.links] == [
        ("a", "b", 4, "one-sided"),
        ("a", "h", 1, "inferred"),
    ]
    assert found.collapsed == {"boxes": 0, "nodes": 0, "links": 4}
