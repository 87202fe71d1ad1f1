"""`agent install` and `agent uninstall`: what is refused before a host is touched.

What they do to a host with systemd is tried in tests/end_to_end/test_agent_as_a_service.py: here they would do it to this one.
"""

from __future__ import annotations

import pytest

from agent.command_line import main

SERVER = ["install", "--server", "https://192.0.2.1"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["install"], "--server"),
        (["install", "--server", "http://192.0.2.1"], "https"),
        (["install", "--server", "https://user:word@192.0.2.1"], "without user or password"),
        ([*SERVER, "--fingerprint", "12"], "64 hex digits"),
        ([*SERVER, "--fingerprint", "ab" * 32, "--ca-file", "x"], "not allowed with"),
        (["uninstall", "--server", "https://192.0.2.1"], "--server"),
    ],
)
def test_what_can_not_be_meant_is_refused_first(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert said in capsys.readouterr().err
