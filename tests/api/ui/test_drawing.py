"""Laying out boxes and lines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from api.ui.drawing import GAP_Y, HEIGHT, WIDTH, Edge, Node, draw


def _node(key: str, lane: int) -> Node:
    return Node(key, lane, key, "", "part")


@given(
    st.lists(st.integers(0, 4), min_size=1, max_size=25),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=40),
)
def test_no_two_boxes_overlap_and_all_lie_within(lanes: list[int], pairs: list[tuple[int, int]]) -> None:
    nodes = [_node(str(n), lane) for n, lane in enumerate(lanes)]

    found = draw(["a", "b", "c", "d", "e"], nodes, [Edge(str(a), str(b)) for a, b in pairs])

    for one in found.nodes:
        assert 0 <= one.x <= found.width - WIDTH
        assert 0 <= one.y <= found.height - HEIGHT
        for other in found.nodes:
            if other is not one and other.x == one.x:
                assert abs(other.y - one.y) >= HEIGHT + GAP_Y - 1


@given(
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["", "g", "h"])), min_size=1, max_size=20),
    st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=40),
)
def test_a_frame_holds_its_group_and_nobody_else(places: list[tuple[int, str]], pairs: list[tuple[int, int]]) -> None:
    nodes = [_node(str(n), lane) for n, (lane, _) in enumerate(places)]
    for node, (_, group) in zip(nodes, places, strict=True):
        node.group = group

    found = draw(["a", "b", "c", "d"], nodes, [Edge(str(a), str(b)) for a, b in pairs], {"g": "G", "h": "H"})

    for frame in found.frames:
        inside = [
            n for n in found.nodes if frame.x <= n.x <= frame.x + frame.width and _overlap(frame.y, frame.height, n.y)
        ]
        assert len({n.group for n in inside}) == 1
        assert all(frame.y < n.y and n.y + HEIGHT <= frame.y + frame.height for n in inside)
        assert frame.y >= 0
        assert frame.y + frame.height <= found.height


def _overlap(top: int, height: int, y: int) -> bool:
    return top < y + HEIGHT and y < top + height


def test_a_line_that_passes_a_lane_goes_between_its_boxes() -> None:
    nodes = [_node("1", 0), _node("2", 1), _node("3", 2)]
    found = draw(["a", "b", "c"], nodes, [Edge("1", "2"), Edge("2", "3"), Edge("1", "3")])

    (past,) = [e for e in found.edges if (e.source, e.target) == ("1", "3")]
    height = int(past.path.split("H")[0].split(" ")[-1])
    (box,) = [n for n in found.nodes if n.key == "2"]
    assert not box.y <= height <= box.y + HEIGHT


def test_a_lane_without_a_box_takes_no_room() -> None:
    found = draw(["a", "b", "c"], [_node("1", 0), _node("2", 2)], [])

    assert [lane.title for lane in found.lanes] == ["a", "c"]


def test_a_line_to_a_box_that_is_not_there_is_left_out() -> None:
    found = draw(["a", "b"], [_node("1", 0), _node("2", 1)], [Edge("1", "2"), Edge("1", "3")])

    assert [(e.source, e.target) for e in found.edges] == [("1", "2")]
    assert found.edges[0].path.startswith("M")


def test_one_box_joined_to_one_stands_level_with_it() -> None:
    found = draw(["a", "b"], [_node("1", 0), _node("2", 1)], [Edge("1", "2")])

    assert found.nodes[0].y == found.nodes[1].y


def test_nothing_gives_an_empty_picture() -> None:
    assert draw([], [], []).nodes == []
