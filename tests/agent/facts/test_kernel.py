"""The kernel."""

from __future__ import annotations

import pytest

from agent.fact import Collected, Command, Failed, ParseError
from agent.facts import kernel
from agent.facts.kernel import parse
from tests.agent.supplied import attributes, made, recorded, run

FILES = {
    "/proc/sys/kernel/ostype": "Linux\n",
    "/proc/sys/kernel/osrelease": "4.19.0-25-amd64\n",
    "/proc/sys/kernel/version": "#1 SMP Debian 4.19.289-2 (2023-08-08)\n",
    "/proc/uptime": "12.34 5.67\n",
}


def test_the_recorded_kernel() -> None:
    outcome = run(kernel, recorded("debian12-root"))

    assert attributes(outcome) == {
        "kernel": "Linux",
        "kernel_release": "6.18.44",
        "kernel_version": "#1 SMP PREEMPT_DYNAMIC @0",
        "architecture": "x86_64",
    }
    assert isinstance(outcome, Collected)
    assert outcome.items[0].readings() == {"uptime_seconds": 3514}


def test_before_linux_6_1_uname_is_asked_for_the_architecture() -> None:
    shell = made({**FILES, Command(("/usr/bin/uname", "-m")): "aarch64\n"})

    assert attributes(run(kernel, shell))["architecture"] == "aarch64"


def test_without_both_the_section_has_failed() -> None:
    assert isinstance(run(kernel, made(FILES)), Failed)


def test_a_missing_file_is_a_failure_that_names_it() -> None:
    outcome = run(kernel, made({"/proc/uptime": "1 1"}))

    assert isinstance(outcome, Failed)
    assert "Command" in outcome.reason or "/proc/sys/kernel" in outcome.reason


@pytest.mark.parametrize("uptime", ["", "x", "1,5 2"])
def test_an_uptime_that_is_no_number_is_an_error(uptime: str) -> None:
    with pytest.raises(ParseError, match="/proc/uptime"):
        parse("Linux", "6", "#1", "x86_64", uptime)


def test_an_empty_name_is_an_error() -> None:
    with pytest.raises(ParseError, match="not complete"):
        parse("Linux", "\n", "#1", "x86_64", "1.0")
