"""The physical map as GraphML and DOT."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from api.graph_files import dot_lines, graphml

NS = "{http://graphml.graphdrawing.org/xmlns}"


def document(name: str, port: str | None = "swp1", proof: str | None = "confirmed") -> dict[str, Any]:
    node = {"class": "NetworkDevice", "role": None, "discovered": False, "group": "g", "linked": True, "count": 1}
    ends = {"a": {"id": "A", "port": port, "port_id": None}, "b": {"id": "B", "port": None, "port_id": None}}
    return {
        "revision": 7,
        "complete": True,
        "nodes": [{"id": "A", "name": name, **node}, {"id": "B", "name": "other", **node, "group": None}],
        "links": [{**ends, "type": "CONNECTS_TO", "proof": proof, "evidence": None, "count": 2}],
        "groups": [{"id": "g", "kind": "location", "name": name}],
    }


@given(st.text(max_size=60))
def test_any_name_makes_well_formed_xml(name: str) -> None:
    root = ET.fromstring("\n".join(graphml(document(name, name))))

    graph = root.find(f"{NS}graph")
    assert graph is not None
    assert [n.get("id") for n in graph.findall(f"{NS}node")] == ["A", "B"]
    (edge,) = graph.findall(f"{NS}edge")
    assert {d.get("key"): d.text for d in edge.findall(f"{NS}data")}["edge.count"] == "2"


def test_every_key_that_is_used_is_declared() -> None:
    root = ET.fromstring("\n".join(graphml(document("a"))))

    declared = {key.get("id") for key in root.findall(f"{NS}key")}
    assert {d.get("key") for d in root.iter(f"{NS}data")} <= declared


@given(st.text(max_size=60))
def test_any_name_stays_within_its_quotes_and_line(name: str) -> None:
    lines = list(dot_lines(document(name, name)))

    assert lines[0] == "graph topology {"
    assert lines[-1] == "}"
    for line in lines:
        assert line.isprintable()
        assert line.replace("\\\\", "").replace('\\"', "").count('"') % 2 == 0


def test_proof_is_the_style_of_a_line_and_a_group_a_cluster() -> None:
    text = "\n".join(dot_lines(document("a", proof="one-sided")))

    assert 'style=dashed, label="2"' in text
    assert "subgraph cluster_" in text
