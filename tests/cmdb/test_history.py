"""What happened, told by consecutive states."""

from __future__ import annotations

from dataclasses import replace

from cmdb.history import changed, rows_of
from cmdb.states import Item, Link


def item(since: int, **attributes: object) -> Item:
    return Item("A", "Host", None, "", "a", dict(attributes), b"salt", b"", since, 1)  # type: ignore[arg-type]


def link(since: int) -> Link:
    return Link("DEPENDS_ON", "A", "B", {}, b"salt", b"", since)


def test_a_ci_begins_with_one_row_and_each_changed_attribute_has_its_own() -> None:
    states = [replace(item(1, name="a", os="x"), until=2, ended="updated"), item(2, name="b", os="y")]

    rows = rows_of(states, [])

    assert [(r.revision, r.kind, r.attribute, r.before, r.after) for r in rows] == [
        (1, "created", None, None, None),
        (2, "updated", "name", "a", "b"),
        (2, "updated", "os", "x", "y"),
    ]


def test_a_ci_that_came_back_ended_and_began_again() -> None:
    gone = replace(item(1, name="a"), until=2, ended="retired", witness="agent:x os b2", ended_not_before=7)

    rows = rows_of([gone, item(5, name="a")], [])

    assert [(r.revision, r.kind) for r in rows] == [(1, "created"), (2, "retired"), (5, "created")]
    assert (rows[1].witness, rows[1].not_before) == ("agent:x os b2", 7)


def test_identifiers_and_the_whole_count_as_attributes() -> None:
    before = replace(item(1), identifiers=["mac a"], parent="P", until=2, ended="updated")
    after = replace(item(2), identifiers=["mac a", "mac b"], parent="Q")

    assert [(r.attribute, r.after) for r in rows_of([before, after], [])][1:] == [
        ("identifiers", ["mac a", "mac b"]),
        ("parent", "Q"),
    ]


def test_relations_stand_behind_the_ci_in_each_revision() -> None:
    rows = rows_of(
        [
            item(1),
        ],
        [link(1), replace(link(0), until=1, ended="retired", object="C")],
    )

    assert [(r.revision, (r.relation or {}).get("object"), r.kind) for r in rows] == [
        (0, "C", "created"),
        (1, None, "created"),
        (1, "B", "created"),
        (1, "C", "retired"),
    ]


def test_true_is_not_one() -> None:
    assert list(changed({"a": True}, {"a": 1})) == [("a", True, 1)]
