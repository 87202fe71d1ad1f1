"""Discovery of this host by this process."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.discovery import discover, discover_apart, discover_once, facts, lines, own_shell
from agent.facts import FACTS
from agent.isolation import Isolation
from agent.state import State
from cmdb.model.batch import decode
from cmdb.model.errors import UsageError


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


def test_apart_it_tells_the_same_as_here_but_what_stays_on_the_host(tmp_path: Path) -> None:
    here = discover(State(tmp_path), b"k" * 32, lambda _: None)
    heard: list[str] = []

    apart = discover_once(State(tmp_path), b"k" * 32, heard.append, without={"accounts"})

    assert [s.name for s in apart.sections] == [name for name in FACTS if name != "accounts"]
    assert "looking at packages dpkg" in heard
    steady = ("os_release", "kernel", "groups", "platform", "identity", "hardware")
    assert {s.name: s.digest for s in apart.sections if s.name in steady} == {
        s.name: s.digest for s in here.sections if s.name in steady
    }
    assert apart.header.marks == here.header.marks
    assert not [s.name for s in decode(b"".join(lines(apart))).sections if s.mismatch]


def test_a_pass_of_some_facts_knows_the_host_by_what_the_others_told(tmp_path: Path) -> None:
    isolation = Isolation(lambda: own_shell(resident=True))
    first = discover_apart(State(tmp_path), None, isolation, FACTS.values())

    second = discover_apart(State(tmp_path), None, isolation, [FACTS["kernel"], FACTS["groups"]])

    assert second.header.marks == first.header.marks
    assert [s.name for s in second.sections] == ["kernel", "groups"]
    assert {s.name: s.bodies for s in second.sections} == {
        s.name: s.bodies for s in first.sections if s.name in ("kernel", "groups")
    }


def test_settings_that_leave_out_what_there_is_not_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="acounts: there is no such section"):
        discover_once(State(tmp_path), None, lambda _: None, without={"acounts", "sshd"})
    assert "sshd" not in facts({"sshd"})
