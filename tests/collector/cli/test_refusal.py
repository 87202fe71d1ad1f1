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
    assert refusal(output) is None


@pytest.mark.parametrize(
    "output",
    [
        "% Permission denied for the role\n",
        "% Authorization failed",
        "% Authorization denied for command 'show cdp neighbors'",
        "% Unavailable",
        "permission denied.",
        "error: permission denied: lldp",
        "Cmd exec error.\n",
    ],
)
def test_what_a_device_does_not_tell_it_has_all_the_same(output: str) -> None:
    found = refusal(output)

    assert found is not None
    assert not found.unknown


@pytest.mark.parametrize(
    "output",
    [
        "                      ^\n% Invalid command at '^' marker.\n",
        "^ % Incomplete command at '^' marker.",
        "Error: vpc feature is not enabled: feature vpc is not enabled",
        "% Unavailable command (not supported on this hardware platform)",
        "syntax error, expecting <command>.",
        "sh: 1: lldpctl: not found",
    ],
)
def test_what_a_device_does_not_know_it_has_not(output: str) -> None:
    found = refusal(output)

    assert found is not None
    assert found.unknown


@pytest.mark.parametrize("line", [" " * 1_000 + "feature " * 120, "\n" * 1_000_000, "x:" * 1_000_000, "^" * 1_000_000])
def test_a_long_text_of_little_is_no_refusal(line: str) -> None:
    assert refusal(f"x\n{line}\nx") is None
