"""Values that an attribute may have, and their one canonical text."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cmdb.model.values import (
    MAX_INDEXED_BYTES,
    MAX_INT,
    MAX_LIST,
    MAX_STRING_BYTES,
    bounded,
    canonical,
    digest,
    problem,
    text,
    texts,
)

ANY_TEXT = st.text(st.characters(codec=None), max_size=40) | st.text(
    st.sampled_from("a\0\u0301e\ud800\udc00\U0001f600\u212b\u1e9b\u0323"), max_size=40
)


@pytest.mark.parametrize(
    ("value", "type_name"),
    [
        ("", "str"),
        ("é", "str"),
        ("x" * MAX_STRING_BYTES, "str"),
        ("\n\t\x1b\x7f\u2028", "str"),
        (True, "bool"),
        (False, "bool"),
        (0, "int"),
        (MAX_INT, "int"),
        (-MAX_INT, "int"),
        ([], "list[str]"),
        ([], "list[int]"),
        (["a", "b"], "list[str]"),
        (["B", "a"], "list[str]"),
        ([-1, 0, 5], "list[int]"),
    ],
)
def test_a_valid_value_has_no_problem(value: Any, type_name: str) -> None:
    assert problem(value, type_name) == ""


@pytest.mark.parametrize(
    ("value", "type_name", "said"),
    [
        (None, "str", "found null"),
        (1, "str", "found an integer"),
        ({}, "str", "found an object"),
        ("a\0b", "str", "NUL"),
        ("\ud800", "str", "surrogate"),
        ("e\u0301", "str", "normal form C"),
        ("x" * (MAX_STRING_BYTES + 1), "str", "bytes"),
        ("é" * (MAX_STRING_BYTES // 2 + 1), "str", "bytes"),
        ("é\0", "str", "NUL"),
        (1, "bool", "found an integer"),
        ("true", "bool", "found a string"),
        (True, "int", "found a boolean"),
        (1.0, "int", "found a float"),
        (float("nan"), "int", "found a float"),
        ("1", "int", "found a string"),
        (MAX_INT + 1, "int", "send it as a string"),
        (-MAX_INT - 1, "int", "send it as a string"),
        ("a", "list[str]", "found a string"),
        (["b", "a"], "list[str]", "sorted"),
        (["a", "a"], "list[str]", "distinct"),
        (["a", 1], "list[str]", "found an integer"),
        ([1, True], "list[int]", "found a boolean"),
        ([10, 9], "list[int]", "sorted"),
        ([[1]], "list[int]", "found a list"),
        (["a"] * (MAX_LIST + 1), "list[str]", "at most"),
    ],
)
def test_an_invalid_value_is_told_why(value: Any, type_name: str, said: str) -> None:
    assert said in problem(value, type_name)


@given(ANY_TEXT, st.integers(30, 100))
@example("\ud800", 30)
@example("\U0001f600" * 20, 30)
@example("e" + "\u0301" * 60, 50)
def test_any_text_becomes_a_valid_one(value: str, limit: int) -> None:
    made = text(value, limit)

    assert problem(made, "str") == ""
    assert len(made.encode()) <= limit
    assert text(made, limit) == made


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40))
def test_a_valid_text_stays_as_it_is(value: str) -> None:
    assert text(unicodedata.normalize("NFC", value)) == unicodedata.normalize("NFC", value)


def test_what_can_not_be_kept_is_shown() -> None:
    assert text("a\0b\ud800c") == "a\u2400b\ufffdc"


def test_a_cut_is_visible_and_tells_long_values_apart() -> None:
    one, other = text("x" * 5000 + "a"), text("x" * 5000 + "b")

    assert one != other
    assert "\u2026" in one
    assert len(one.encode()) <= MAX_STRING_BYTES


def test_lists_are_sorted_distinct_and_valid() -> None:
    assert texts(["b", "a", "b", "e\u0301"]) == ["a", "b", "é"]
    assert problem(texts(["\ud800", "\ud801", "b"]), "list[str]") == ""


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), st.integers(1, 400))
def test_what_is_indexed_has_a_bound_and_stays_apart(value: str, times: int) -> None:
    long = value * times

    assert len(bounded(long).encode()) <= MAX_INDEXED_BYTES
    assert (bounded(long) == long) == (len(long.encode()) <= MAX_INDEXED_BYTES)
    if value:
        assert bounded(long + "x" * 3000) != bounded(long + "x" * 3001)


VALUES = st.recursive(
    st.booleans() | st.integers(-MAX_INT, MAX_INT) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.from_regex(r"\A[a-z][a-z0-9_]{0,5}\Z"), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(VALUES)
def test_the_canonical_text_is_sorted_compact_json(value: Any) -> None:
    made = canonical(value)

    assert json.loads(made) == value
    assert made == json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def test_the_canonical_text_escapes_as_rfc_8785_says() -> None:
    assert canonical({"b": '"\\\n\x01\x7f/\u2028', "a": True}) == '{"a":true,"b":"\\"\\\\\\n\\u0001\x7f/\u2028"}'


def test_a_number_that_is_none_has_no_canonical_text() -> None:
    with pytest.raises(ValueError, match="Out of range"):
        canonical({"a": float("nan")})


def test_digests_are_sha256_of_utf_8() -> None:
    assert digest("é") == digest("é".encode())
    assert digest("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
