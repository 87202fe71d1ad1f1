"""Drawings as SVG."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.ui.drawing import Edge, Kind, Node, Shape, draw
from api.ui.svg import inline, key, standalone

NS = "{http://www.w3.org/2000/svg}"
KINDS: tuple[Kind, ...] = get_args(Kind)
SHAPES: tuple[Shape, ...] = get_args(Shape)


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_name_makes_a_well_formed_picture_without_markup_of_its_own(name: str, address: str) -> None:
    nodes = [Node("a", 0, name, name, "switch", f"/ci/{address}", name, group="g"), Node("b", 1, name, name, "host")]
    drawing = draw([name, name], nodes, [Edge("a", "b", "confirmed", name, 2)], {"g": name})

    for text in (standalone(drawing, name, name), str(inline(drawing, name))):
        root = ET.fromstring(text.partition("?>\n")[2] or text)
        assert {e.tag.removeprefix(NS) for e in root.iter()} <= {
            "svg", "title", "desc", "style", "defs", "marker", "path", "text", "g", "rect", "a", "circle",
        }  # fmt: skip
        assert len(root.findall(f".//{NS}a")) == 1


def test_within_a_page_nothing_is_there_that_its_security_policy_would_refuse() -> None:
    drawing = draw(["a"], [Node("a", 0, "a", "b", "host", "/x")], [])

    assert not re.search(r"<style|<script| style=|\son\w+=|javascript:", str(inline(drawing, "t")))


def test_every_box_and_line_is_there_with_its_title() -> None:
    nodes = [
        Node(s, n % 3, s, "", s, f"/{s}", f"about {s}", n, "outage" if n == 3 else "") for n, s in enumerate(SHAPES, 1)
    ]
    edges = [Edge(SHAPES[0], SHAPES[n % len(SHAPES)], kind, f"line {kind}") for n, kind in enumerate(KINDS, 1)]
    root = ET.fromstring(inline(draw(["x", "y", "z"], nodes, edges), "All"))

    titles = {t.text for t in root.iter(f"{NS}title")}
    assert {f"about {s}" for s in SHAPES} <= {re.sub(r", \d+ of them|: outage", "", t or "") for t in titles}
    assert {f"line {e.kind}" for e in edges} <= titles
    assert root.get("aria-label") == "All"


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_has_a_sign_for_the_legend(shape: Shape) -> None:
    assert ET.fromstring(key(shape)).tag == "svg"


def test_a_file_of_its_own_has_a_legend_of_its_lines() -> None:
    nodes = [Node("a", 0, "a", "", "switch"), Node("b", 1, "b", "", "switch")]

    text = standalone(draw(["x", "y"], nodes, [Edge("a", "b", "one-sided")]), "t")

    assert "said at one end" in text
    assert "inferred</text>" not in text
