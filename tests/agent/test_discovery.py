"""Discovery of this host by this process."""

from __future__ import annotations

from pathlib import Path

from agent.discovery import discover, lines
from agent.facts import FACTS
from agent.state import State
from cmdb.model.batch import decode


def test_every_fact_becomes_a_section_and_says_when_it_begins(tmp_path: Path) -> None:
    heard: list[str] = []

    found = discover(State(tmp_path), b"k" * 32, heard.append)

    assert [s.name for s in found.sections] == list(FACTS)
    assert len(heard) == len(FACTS)
    batch = decode(b"".join(lines(found)))
    assert (batch.header.source, batch.header.sequence) == (State(tmp_path).source(), 1)
    assert batch.header.marks["agent_key"] == State(tmp_path).agent_key()


def test_the_next_pass_has_a_higher_number(tmp_path: Path) -> None:
    first, second = (discover(State(tmp_path), None, lambda _: None) for _ in range(2))
    assert second.header.sequence > first.header.sequence
    assert second.header.id != first.header.id
