"""YAML as data alone."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.model.errors import UsageError
from collector import yaml_text
from collector.yaml_text import Tagged, read

BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"


def test_plain_values_stay_what_was_written_but_for_null() -> None:
    found, lines = read("- {a: no, b: 012, c: 2026-01-01, d: ~, e: '~', f: 1:30, g: [x, y]}\n\n- {a: 1e3}\n")

    assert found == [
        {"a": "no", "b": "012", "c": "2026-01-01", "d": None, "e": "~", "f": "1:30", "g": ["x", "y"]},
        {"a": "1e3"},
    ]
    assert lines == [1, 3]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (BOMB, "Line 2 has an alias"),
        ("a: &a {<<: *a}\n", "alias"),
        ("- !!python/object/apply:os.system [id]\n", "Line 1 has a tag"),
        ("- !!int 3\n", "tag"),
        ("[" * 5_000, "nested deeper than 6"),
        ("a: 1\na: 2\n", "Line 2: 'a' stands twice"),
        ("? [a]\n: 1\n", "no text"),
        ("a: 1\n---\nb: 2\n", "second document"),
        ("a: 'b\n", "no YAML"),
        ("\x01", "no YAML"),
    ],
)
def test_what_is_more_than_data_is_refused_with_its_line(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        read(text)


def test_values_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_text, "MAX_NODES", 3)

    with pytest.raises(UsageError, match="more than 3 values"):
        read("[a, b, c]")


def test_aliases_and_merges_are_taken_where_files_of_others_have_them() -> None:
    found, _ = read("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: *a\nd: {y: 4, <<: [{y: 5, z: 6}, *a]}\n", lenient=True)

    assert found["b"] == {"x": "1", "y": "3"}
    assert found["c"] == found["a"]
    assert found["d"] == {"x": "1", "y": "4", "z": "6"}


def test_an_anchor_may_be_given_again_and_the_last_of_a_double_key_counts() -> None:
    found, _ = read("a: &a 1\nb: &a [2]\nc: *a\nc: [*a, 3]\n", lenient=True)

    assert found == {"a": "1", "b": ["2"], "c": [["2"], "3"]}


def test_a_tagged_value_is_never_looked_at() -> None:
    found, _ = read(
        "a: !vault |\n  $ANSIBLE_VAULT;1.1\nb: !!python/object/apply:os.system [id]\nc: [!x {y: z}]\n", lenient=True
    )

    assert found == {
        "a": Tagged("!vault", 1),
        "b": Tagged("tag:yaml.org,2002:python/object/apply:os.system", 3),
        "c": [Tagged("!x", 4)],
    }


def test_aliases_count_as_if_they_were_written_out(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = ["a0: &a0 [x, x, x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]

    with pytest.raises(UsageError, match="more than 2000000 values"):
        read("\n".join(rows), depth=64, lenient=True)

    monkeypatch.setattr(yaml_text, "MAX_NODES", 12)
    read("a: &a [x, y]\nb: [*a]\n", lenient=True)
    monkeypatch.setattr(yaml_text, "MAX_NODES", 8)
    with pytest.raises(UsageError, match="more than 8 values"):
        read("a: &a [x, y]\nb: [*a]\n", lenient=True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: &a [*a]\n", r"alias \(\*a\) of what is not there, or holds"),
        ("a: *b\n", "of what is not there"),
        ("a: &a [[[[[x]]]]]\nb: [*a]\n", "nested deeper than 6 levels, by an alias"),
        ("a: &a [[[x]]]\nb: &b [[*a]]\nc: [*b]\n", "nested deeper than 6 levels, by an alias"),
        ("a: {<<: 3}\n", "merges '3', which is no mapping"),
        ("a: {<<: [[]]}\n", "no mapping"),
        ("? !x y\n: 1\n", "no text"),
    ],
)
def test_files_of_others_are_bounded_as_well(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        read(text, lenient=True)


@given(st.text(alphabet=st.sampled_from("abc:-[]{}&*!<>|'\"#?%@,\n \t\x00\ud800é~$0"), max_size=60), st.booleans())
def test_any_text_is_read_or_refused(text: str, lenient: bool) -> None:
    with suppress(UsageError):
        read(text, lenient=lenient)
