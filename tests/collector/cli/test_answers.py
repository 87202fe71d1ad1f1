"""Answers of a command line."""

from __future__ import annotations

import pytest

from agent.fact import ParseError, Unavailable
from collector.cli.answers import Answers, Reply, decoded, expected, number, objects, within, word


def test_a_failure_is_never_an_empty_answer() -> None:
    answers = Answers({"late": Reply(failure="too late"), "unknown": Reply(failure="no such", refused=True)})

    for name, why in (("late", "too late"), ("unknown", "no such"), ("other", "not asked for: other")):
        with pytest.raises(Unavailable, match=why):
            answers.text(name)
        with pytest.raises(Unavailable, match=why):
            answers.json(name)


def test_only_what_a_device_does_not_know_counts_as_absent() -> None:
    answers = Answers(
        {"late": Reply(failure="too late"), "unknown": Reply(failure="no", refused=True), "told": Reply("{}")}
    )

    assert (answers.has("unknown"), answers.has("other"), answers.has("told")) == (False, False, True)
    assert (answers.refused("unknown"), answers.refused("unknown", "other"), answers.refused("late")) == (
        True,
        False,
        False,
    )
    with pytest.raises(Unavailable, match="too late"):
        answers.has("late")


def test_json_stands_behind_warnings_and_nothing_is_an_empty_table() -> None:
    assert decoded('Warning: about to expire\n{"a": 1}\n') == {"a": 1}
    assert decoded("  \n") == {}
    assert decoded("[]") == []


@pytest.mark.parametrize("text", ["no JSON", '{"a": ', 'x {"a": 1} y', "[" * 200_000])
def test_broken_json_is_an_error(text: str) -> None:
    with pytest.raises(ParseError):
        decoded(text)


def test_elements_are_found_at_any_depth_and_not_beyond_a_bound() -> None:
    deep: object = "end"
    for _ in range(200):
        deep = {"x": deep}

    assert within({"a": [{"row": 1}, {"b": {"row": [2]}}], "row": 3}, "row") == [1, [2], 3]
    with pytest.raises(ParseError, match="levels"):
        within(deep, "row")


def test_what_is_no_table_is_not_taken_for_an_empty_one() -> None:
    assert expected({}, "lldp", "rows", empty=True) == {}
    assert expected({"a": {"rows": []}}, "lldp", "rows") == {"a": {"rows": []}}
    with pytest.raises(ParseError, match="lldp: none of rows, row in it"):
        expected({"error": "busy"}, "lldp", "rows", "row", empty=True)
    with pytest.raises(ParseError, match="lldp: none of rows in it"):
        expected({}, "lldp", "rows")


def test_numbers_and_words_as_devices_write_them() -> None:
    assert [number(v) for v in (10, " 10 ", 10.0, "1k", None, True, "9" * 30)] == [10, 10, 10, None, None, None, None]
    assert [word(v) for v in (" a ", 3, None, [1], True)] == ["a", "3", "", "", ""]
    assert objects({"a": 1}) == [{"a": 1}]
    assert objects([{"a": 1}, "b"]) == [{"a": 1}]
