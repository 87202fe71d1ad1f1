"""Values as people write them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given as of
from hypothesis import strategies as st

from cmdb.model.errors import UsageError
from cmdb.model.given import MAX_TAG, given
from cmdb.model.people import LIFECYCLES, said
from cmdb.model.values import problem

TYPES = ("str", "int", "bool", "list[str]", "list[int]")
LIFECYCLE = said("lifecycle", "str", "Where it is in its life.", LIFECYCLES)


@pytest.mark.parametrize(
    ("type_name", "written", "value"),
    [
        ("str", "  web team ", "web team"),
        ("str", "a\u0308", "\u00e4"),
        ("str", 42, "42"),
        ("str", "no", "no"),
        ("int", "0042", 42),
        ("int", -7, -7),
        ("bool", "Yes", True),
        ("bool", "false", False),
        ("bool", True, True),
        ("list[str]", "pci, dmz;pci,", ["dmz", "pci"]),
        ("list[str]", ["b", "a"], ["a", "b"]),
        ("list[str]", "", []),
        ("list[int]", "10,9", [9, 10]),
        ("list[int]", 5, [5]),
    ],
)
def test_what_is_written_becomes_what_the_attribute_takes(type_name: str, written: Any, value: Any) -> None:
    made = given(said("thing", type_name, "A thing."), written)

    assert (made, type(made)) == (value, type(value))


@pytest.mark.parametrize(
    ("type_name", "written"),
    [
        ("str", ""),
        ("str", "  "),
        ("str", True),
        ("str", ["a"]),
        ("str", None),
        ("str", "x" * 5000),
        ("str", "\ud800"),
        ("str", "a\0b"),
        ("int", "4.2"),
        ("int", "1e3"),
        ("int", True),
        ("int", 2**53),
        ("int", "\u0664"),
        ("bool", "maybe"),
        ("bool", 1),
        ("list[int]", "1,two"),
        ("list[str]", [["a"]]),
        ("list[str]", {"a": 1}),
    ],
)
def test_what_it_does_not_take_is_refused_by_name(type_name: str, written: Any) -> None:
    with pytest.raises(UsageError, match=r"^thing"):
        given(said("thing", type_name, "A thing."), written)


def test_a_word_of_a_closed_set_is_written_as_the_set_has_it() -> None:
    assert given(LIFECYCLE, "In Use") == "in use"
    with pytest.raises(UsageError, match="planned, ordered, in use, maintenance, retired; 'gone' is none"):
        given(LIFECYCLE, "gone")


@of(st.sampled_from(TYPES), st.text(max_size=30) | st.integers() | st.lists(st.text(max_size=5), max_size=5))
def test_whatever_is_taken_is_a_valid_value(type_name: str, written: Any) -> None:
    try:
        made = given(said("thing", type_name, "A thing."), written)
    except UsageError:
        return
    assert problem(made, type_name) == ""
    assert given(said("thing", type_name, "A thing."), made) == made or type_name.startswith("list")


@pytest.mark.parametrize("tag", ["a" * (MAX_TAG + 1), "two\nlines", "esc\x1b[2J", "a;b", "a,b"])
def test_what_can_be_no_tag_is_none_in_a_file_either(tag: str) -> None:
    with pytest.raises(UsageError, match="is no tag"):
        given(said("tags", "list[str]", "Words."), [tag, "pci"])


def test_a_cell_of_tags_is_cut_where_they_stand_apart() -> None:
    assert given(said("tags", "list[str]", "Words."), "pci; web,pci") == ["pci", "web"]
