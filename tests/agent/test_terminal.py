"""What a command prints where."""

from __future__ import annotations

import pytest

from agent.terminal import Terminal


def test_answers_and_messages_go_apart(capsys: pytest.CaptureFixture[str]) -> None:
    io = Terminal()
    io.line("answer")
    io.table(("a", "b"), [(1, None)])
    io.table(("a",), [])
    io.pairs([("name", "x"), ("empty", None)])
    io.say("bad\x1b[2J\nline")
    said = capsys.readouterr()
    assert said.out == "answer\na  b\n1\nname:          x\n"
    assert said.err == "bad<U+001B>[2J<U+000A>line\n"


def test_progress_is_for_people_at_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    io = Terminal()
    io.progress("looking")
    io.done()
    assert capsys.readouterr() == ("", "")


def test_a_document_is_json_that_is_safe_to_look_at(capsys: pytest.CaptureFixture[str]) -> None:
    Terminal(True).document({"a": "\u202e\x1b é"})
    assert capsys.readouterr().out == '{\n  "a": "\\u202e\\u001b é"\n}\n'
