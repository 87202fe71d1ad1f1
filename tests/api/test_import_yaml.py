"""YAML as data alone."""

from __future__ import annotations

import pytest

from api import import_yaml
from api.import_yaml import read
from cmdb.model.errors import UsageError

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
    monkeypatch.setattr(import_yaml, "MAX_NODES", 3)

    with pytest.raises(UsageError, match="more than 3 values"):
        read("[a, b, c]")
