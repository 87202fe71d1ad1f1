"""What a host writes never acts on the terminal that shows it."""

from __future__ import annotations

import json
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from agent.visible import shown, table, visible, visible_json, width

BIDI = "\u202eexe.gnp\u202c"


def test_controls_and_bidi_are_made_visible() -> None:
    assert visible("a\x1b[31mb\x07\n\r\t\x9b\x7f") == "a<U+001B>[31mb<U+0007><U+000A><U+000D><U+0009><U+009B><U+007F>"
    assert visible(BIDI) == "<U+202E>exe.gnp<U+202C>"
    assert visible("\u2028\u2029\ud800\ufeff\U000e0001") == "<U+2028><U+2029><U+D800><U+FEFF><U+E0001>"
    assert visible("Ångström 東京 naïve") == "Ångström 東京 naïve"


def test_a_long_text_is_cut_and_the_cut_shows() -> None:
    assert visible("x" * 1_000_000) == "x" * 1999 + "…"


@given(st.text())
def test_nothing_visible_moves_a_cursor(text: str) -> None:
    assert all(unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp", "Cs") for c in visible(text))


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_json_stays_the_same_json_and_is_safe_to_look_at(text: str) -> None:
    document = json.dumps({"a": text}, ensure_ascii=False, indent=2)

    safe = visible_json(document)

    assert json.loads(safe) == {"a": text}
    assert all(c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp", "Cs") for c in safe)


def test_a_character_beyond_the_basic_plane_is_escaped_as_a_pair() -> None:
    assert json.loads(visible_json('"\U000e0001\x7f"')) == "\U000e0001\x7f"


def test_a_table_is_aligned_by_columns_that_characters_take() -> None:
    assert width("東京") == 4
    assert width("e\u0301") == 1
    assert table(("name", "n"), [("東京", 1), ("ab", 22)]) == "name  n\n東京  1\nab    22"
    assert table(("a",), []) == ""


def test_a_cell_is_cut_but_the_last_and_wide_ones() -> None:
    long = "x" * 100
    assert table(("a", "b"), [(long, long)]).splitlines()[1] == "x" * 59 + "…  " + long
    assert table(("a", "b"), [(long, "y")], wide=True).splitlines()[1] == long + "  y"


def test_values_are_shown_as_people_read_them() -> None:
    assert [shown(v) for v in (None, True, 5, ["a", "b"], {"x": 1, "y": "z"})] == ["", "yes", "5", "a, b", "x 1, y z"]
