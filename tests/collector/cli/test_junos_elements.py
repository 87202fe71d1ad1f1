"""Elements of Junos in JSON."""

from __future__ import annotations

from collector.cli.junos_elements import anywhere, first, rows, text, texts

DOCUMENT = {
    "multi-routing-engine-results": [
        {"multi-routing-engine-item": [{"re": [{"a": [{"data": " x "}, {"data": [None]}]}]}]}
    ]
}


def test_elements_at_any_depth() -> None:
    [row] = rows(DOCUMENT, "re")

    assert (texts(row, "a"), text(row, "a"), text(row, "b")) == (["x"], "x", "")
    assert first(row, "b", "a") == "x"
    assert (anywhere(DOCUMENT, "a"), anywhere(DOCUMENT, "c")) == ("x", "")


def test_a_text_alone_is_one_too() -> None:
    assert text({"a": "x"}, "a") == "x"
