"""Physical memory."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.fact import Collected, Failed, ParseError
from agent.facts import memory
from agent.facts.memory import Memory, parse
from tests.agent.supplied import attributes, made, recorded, run


def test_the_recorded_memory() -> None:
    outcome = run(memory, recorded("debian12-root"))

    assert attributes(outcome) == {"memory_bytes": 24684096 * 1024, "swap_bytes": 0}
    assert isinstance(outcome, Collected)
    assert outcome.items[0].readings() == {"memory_available_bytes": 23777020 * 1024}


@pytest.mark.shared
def test_a_foreign_recording_gives_what_another_parser_read(recordings: Path) -> None:
    for host in ("ubuntu-20.04-k8s-worker", "ubuntu-20.04-rabbitmq"):
        folder = recordings / "ssh" / host
        judged = json.loads((folder / "cat_proc_meminfo.json").read_text())
        found = parse((folder / "cat_proc_meminfo.out").read_text())
        assert found.total_bytes == judged["MemTotal"] * 1024
        assert found.swap_bytes == judged["SwapTotal"] * 1024
        assert found.available_bytes == judged["MemAvailable"] * 1024


def test_kernels_before_3_14_do_not_tell_what_is_available() -> None:
    assert parse("MemTotal: 1 kB\nSwapTotal: 2 kB\n") == Memory(1024, 2048, None)


@pytest.mark.parametrize("text", ["", "MemFree: 1 kB\n", "MemTotal: 1 kB\n", "MemTotal: eins kB\nSwapTotal: 0 kB"])
def test_a_truncated_text_is_an_error(text: str) -> None:
    with pytest.raises(ParseError, match="/proc/meminfo"):
        parse(text)


def test_an_absent_meminfo_is_a_failure() -> None:
    assert isinstance(run(memory, made({})), Failed)
