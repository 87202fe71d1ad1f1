"""How command lines refuse."""

from __future__ import annotations

import pytest

from collector.cli.refusal import refusal


@pytest.mark.parametrize(
    "output",
    [
        "                      ^\n% Invalid command at '^' marker.\n",
        "% Invalid input",
        "% Permission denied for the role\n",
        "Syntax error while parsing 'show foo'",
        "\n                   ^\nsyntax error, expecting <command>.\n",
        "unknown command.\n",
        "-bash: net: command not found",
        "sh: 1: lldpctl: not found",
    ],
)
def test_a_refusal_is_no_answer(output: str) -> None:
    assert refusal(output)


@pytest.mark.parametrize(
    "output", ["", "{}", '{"error": "% Invalid"}', "mgmt0 is up\nadmin state is up", "not found: nothing"]
)
def test_an_answer_is_none(output: str) -> None:
    assert refusal(output) == ""
