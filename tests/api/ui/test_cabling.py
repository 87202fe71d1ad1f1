"""The physical map as a picture."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from api.ui import cabling
from api.ui.drawing import Drawing


def document(
    devices: dict[str, str | None], hosts: list[str], cables: Sequence[tuple[str, str, str | None]]
) -> dict[str, Any]:
    told = {"discovered": True, "group": None, "linked": True, "count": 1}
    nodes = [{"id": n, "class": "NetworkDevice", "name": n, "role": role, **told} for n, role in devices.items()]
    nodes += [{"id": n, "class": "Host", "name": n, "role": "host", **told} for n in hosts]
    links = [
        {
            "a": {"id": a, "port": f"p{k}", "port_id": None},
            "b": {"id": b, "port": f"q{k}", "port_id": None},
            "type": "CONNECTS_TO",
            "proof": proof,
            "evidence": "lldp",
            "note": None,
            "count": 1,
        }
        for k, (a, b, proof) in enumerate(cables)
    ]
    return {"roots": [], "nodes": nodes, "links": links, "groups": []}


def lanes(drawing: Drawing) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    used = sorted({n.lane for n in drawing.nodes})
    for node in drawing.nodes:
        found.setdefault(drawing.lanes[used.index(node.lane)].title, []).append(node.name)
    return found


def test_from_left_to_right_it_goes_from_the_core_to_the_hosts() -> None:
    cables = [("core", "a1", "confirmed"), ("core", "a2", "confirmed"), ("a1", "h1", "inferred"), ("a2", "h2", None)]
    found = cabling.picture(document({"core": "bridge", "a1": "bridge", "a2": None}, ["h1", "h2", "alone"], cables))

    assert lanes(found) == {
        "Core": ["core"],
        "Access": ["a1", "a2"],
        "Hosts": ["h1", "h2"],
        "No link known": ["alone"],
    }
    assert {(e.source, e.target, e.kind) for e in found.edges} == {
        ("core", "a1", "confirmed"), ("core", "a2", "confirmed"), ("a1", "h1", "inferred"), ("a2", "h2", "unknown"),
    }  # fmt: skip


def test_several_cables_between_two_are_one_line_with_all_ports_and_the_weakest_proof() -> None:
    cables = [("a", "b", "confirmed"), ("b", "a", "one-sided")]
    (edge,) = cabling.picture(document({"a": "bridge", "b": "bridge"}, [], cables)).edges

    assert (edge.count, edge.kind) == (2, "one-sided")
    assert edge.about == "a p0 \u2013 b q0: confirmed (lldp)\na q1 \u2013 b p1: one-sided (lldp)"


def test_a_box_opens_and_a_single_one_leads_to_its_page() -> None:
    hosts = [f"h{n}" for n in range(40)]
    found = document({"sw": "bridge"}, hosts, [("sw", h, "inferred") for h in hosts])

    closed = cabling.picture(found, address=lambda i: f"/ci/{i}", open_address=lambda b: f"?open={b}")
    opened = cabling.picture(found, opened=["~h0"])

    assert [(n.name, n.href, n.count) for n in closed.nodes] == [("sw", "/ci/sw", 1), ("40 hosts", "?open=~h0", 40)]
    assert len(opened.nodes) == 41


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 12), st.integers(0, 60), st.integers(0, 90))
def test_every_node_and_link_is_drawn_or_counted_always_in_the_same_way(
    seed: int, switches: int, hosts: int, cables: int
) -> None:
    drawn = random.Random(seed)
    devices = {f"s{n}": drawn.choice(["bridge", "router", "firewall", None]) for n in range(switches)}
    names = [*devices, *(f"h{n}" for n in range(hosts))]
    pairs = [
        (drawn.choice(names), drawn.choice(list(devices)), drawn.choice(["confirmed", None])) for _ in range(cables)
    ]
    found = document(devices, [f"h{n}" for n in range(hosts)], [p for p in pairs if p[0] != p[1]])

    one, other = cabling.picture(found, most=20), cabling.picture(found, most=20)

    assert one == other
    assert sum(n.count for n in one.nodes) == len(names)
    assert sum(e.count for e in one.edges) + _within(found) == len(found["links"])
    assert len(one.nodes) <= 20


def _within(found: dict[str, Any]) -> int:
    return sum(n.get("links_within", 0) for n in cabling.folded(found, 20).nodes)


def test_a_segment_that_several_share_tells_nothing_of_tiers_but_is_drawn() -> None:
    cables = [
        ("spine", "l1", "confirmed"),
        ("spine", "l2", "confirmed"),
        ("l1", "h1", "inferred"),
        ("l2", "h2", "inferred"),
    ]
    found = document({"spine": "bridge", "l1": "bridge", "l2": "bridge", "oob": None}, ["h1", "h2"], cables)
    shared = document({}, [], [("spine", "h1", "confirmed"), ("l1", "l2", "confirmed"), ("oob", "spine", "confirmed")])
    found["links"] += [{**link, "note": "shared segment"} for link in shared["links"]]

    drawing = cabling.picture(found)

    assert sorted(lanes(drawing)["Hosts"]) == ["h1", "h2"]
    assert {n for some in lanes(drawing).values() for n in some} == {"spine", "l1", "l2", "oob", "h1", "h2"}
    assert "No link known" not in lanes(drawing)
    assert {(e.source, e.target) for e in drawing.edges if e.kind == "segment"} == {
        ("spine", "h1"), ("l1", "l2"), ("spine", "oob"),
    }  # fmt: skip


def test_hidden_characters_are_shown() -> None:
    found = cabling.picture(document({"\x1b[31m\u202e": "bridge"}, [], []))

    assert all(c.isprintable() for n in found.nodes for c in n.name + n.caption + n.about)
