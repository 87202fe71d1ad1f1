"""One encoder per output: what a host writes never acts on what shows it."""

from __future__ import annotations

import csv
import io

import pytest

from api.encoders import (
    csv_cell,
    csv_text,
    dot,
    markdown,
    markdown_table,
)

BIDI = "\u202eexe.gnp\u202c"


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "\tx", "\r=1"])
def test_a_spreadsheet_sees_no_formula(text: str) -> None:
    (row,) = csv.reader(io.StringIO(csv_text(["a"], [[text]]).split("\r\n", 1)[1]))
    assert not row[0].startswith(("=", "+", "-", "@", "\t", "\r"))
    assert csv_cell(-5) == "-5"


def test_csv_survives_quotes_separators_and_lines() -> None:
    cells = ['a"b', "c,d", "e\nf", ["x", "y"], None, True]
    (_, row) = csv.reader(io.StringIO(csv_text(list("abcdef"), [cells])))
    assert row == ['a"b', "c,d", "e\nf", "x; y", "", "true"]


def test_markdown_has_no_meaning_left() -> None:
    assert markdown("<script>|*_[x](javascript:1)`") == r"&lt;script&gt;\|\*\_\[x\]\(javascript:1\)\`"
    assert markdown("a\nb") == "a<U+000A>b".replace("<", "&lt;").replace(">", "&gt;").replace("+", r"\+")
    assert "http:" not in markdown("http://evil.example")
    assert markdown_table(["a"], [["x|y"]]) == "| a |\n| --- |\n| x\\|y |"


def test_dot_keeps_a_name_in_its_quotes() -> None:
    assert dot('a"];evil[\\N') == '"a\\"];evil[\\\\N"'
