"""Fields of a received document are checked, and a fault is named by its place and value."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.model.checked import (
    cost_at,
    integer,
    marks_at,
    matching,
    object_at,
    one_of,
    shown,
    step,
    text_at,
    texts_at,
    time_at,
)
from cmdb.model.errors import InvalidDocument


def fault(check: Callable[..., Any], value: Any, *more: Any, **parts: Any) -> InvalidDocument:
    with pytest.raises(InvalidDocument) as error:
        check({"x": value}, "x", "/3", *more, **parts)
    return error.value


def test_what_is_fine_is_given_back() -> None:
    row = {
        "object": {"a": 1},
        "text": "é",
        "texts": ["a", "a"],
        "time": "1970-01-01T00:00:01Z",
        "cost": {"a": 1.5, "b": 2},
        "marks": {"a": "x", "b": ["y", ""]},
    }

    assert object_at(row, "object", "") == {"a": 1}
    assert text_at(row, "text", "") == "é"
    assert texts_at(row, "texts", "") == ["a", "a"]
    assert time_at(row, "time", "") == 1_000_000
    assert cost_at(row, "cost", "") == {"a": 1.5, "b": 2}
    assert cost_at(row, "none", "") == {}
    assert marks_at(row, "marks", "") == row["marks"]
    assert integer({"x": 5}, "x", "", 5, 5) == 5
    assert one_of({"x": "a"}, "x", "", ("a", "b")) == "a"
    assert matching({"x": "aa"}, "x", "", re.compile("a+"), "some") == "aa"
    assert text_at({"x": ""}, "x", "", empty=True) == ""


def test_a_fault_names_place_and_value() -> None:
    assert fault(integer, "5", 0, 9).path == "/3/x"
    assert fault(integer, "5", 0, 9).message == "expected an integer from 0 to 9, found '5'"
    assert fault(texts_at, ["a", 5]).path == "/3/x/1"
    assert fault(marks_at, {"a": [5]}).path == "/3/x/a"
    assert fault(cost_at, {"a/b": "5"}).path == "/3/x/a~1b"
    assert fault(one_of, "c", ("a", "b")).message == "'c' is none of a, b"
    assert fault(matching, 5, re.compile("a"), "a letter").message == "expected a letter, found 5"


def test_what_is_not_there_is_a_fault() -> None:
    for check, more in ((object_at, ()), (text_at, ()), (integer, (0, 9)), (one_of, (("a",),)), (time_at, ())):
        with pytest.raises(InvalidDocument):
            check({}, "x", "/3", *more)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec=None)), inner),
    max_leaves=20,
)


@given(ANYTHING)
def test_anything_can_be_shown(value: Any) -> None:
    made = shown(value)

    assert len(made) <= 80
    made.encode()


def test_deep_things_can_be_shown() -> None:
    deep: Any = []
    for _ in range(10_000):
        deep = [deep]

    assert shown(deep).startswith("[[")


@given(st.text(st.characters(codec=None), max_size=300))
def test_any_name_is_a_step_of_a_pointer(name: str) -> None:
    made = step(name)

    made.encode()
    assert "/" not in made
    assert "~" not in made.replace("~0", "").replace("~1", "")


@pytest.mark.parametrize("check", [marks_at, cost_at])
@given(value=ANYTHING)
def test_marks_and_costs_are_valid_or_a_fault(check: Callable[..., Any], value: Any) -> None:
    try:
        check({"x": value}, "x", "/0")
    except InvalidDocument as error:
        error.path.encode()
        error.message.encode()
