"""The same material is looked at once, and whatever could make a difference is part of what is the same."""

from __future__ import annotations

import dataclasses

import pytest

from agent.fact import Collected, Context
from agent.facts import FACTS
from agent.remembered import Known, Memory
from agent.report import report
from agent.run import observe_pass
from tests.agent.supplied import KEY, recorded

STEADY = {name: fact for name, fact in FACTS.items() if getattr(fact, "STEADY", False)}


@pytest.mark.parametrize("host", ["debian12-root", "debian12-user", "debian12-lab", "debian12-namespace"])
def test_what_is_remembered_is_what_a_second_look_gives(host: str) -> None:
    memory, context = Memory(), Context(digest_key=KEY, observed_at_us=1)
    shell = recorded(host)
    plain, marks = observe_pass(shell, context, FACTS.values())

    for _ in range(2):
        found, again = observe_pass(shell, context, FACTS.values(), memory)
        assert [(r.section, r.outcome, r.privilege) for r in found] == [
            (r.section, r.outcome, r.privilege) for r in plain
        ]
        assert again == marks


def test_a_report_from_memory_has_the_same_bytes() -> None:
    memory, shell = Memory(), recorded("debian12-root")
    how = {"id": "a" * 32, "source": "ssh:1", "sequence": 1, "route": "ssh"}
    context = Context(digest_key=KEY, observed_at_us=1)
    plain = report(shell, context, FACTS.values(), **how)  # type: ignore[arg-type]

    for _ in range(2):
        made = report(shell, context, FACTS.values(), **how, memory=memory)  # type: ignore[arg-type]
        assert [(s.name, s.bodies, s.digests, s.readings) for s in made.sections] == [
            (s.name, s.bodies, s.digests, s.readings) for s in plain.sections
        ]
        assert made.header == plain.header


def test_steady_facts_are_looked_at_once_and_others_each_time() -> None:
    memory, shell, context = Memory(), recorded("debian12-root"), Context(digest_key=KEY)
    first, _ = observe_pass(shell, context, FACTS.values(), memory)
    second, _ = observe_pass(shell, context, FACTS.values(), memory)

    same = {a.section for a, b in zip(first, second) if a.outcome is b.outcome}
    assert same == {r.section for r in first if isinstance(r.outcome, Collected)} & STEADY.keys()
    assert {"groups", "accounts"} <= same
    assert not {"software", "flows", "network", "memory", "cpu"} & same


@pytest.mark.parametrize(
    "other", [{"digest_key": b"another key of 32 bytes, so long"}, {"watched": ("/etc/hostname",)}]
)
def test_another_context_is_another_matter(other: dict) -> None:
    memory, shell, context = Memory(), recorded("debian12-root"), Context(digest_key=KEY)
    fact = [FACTS["config_files"]]
    (first,), _ = observe_pass(shell, context, fact, memory)
    (second,), _ = observe_pass(shell, dataclasses.replace(context, **other), fact, memory)
    assert second.outcome != first.outcome


def test_one_byte_of_material_or_another_privilege_is_another_matter() -> None:
    memory, context = Memory(), Context(digest_key=KEY)
    facts = list(STEADY.values())
    before, _ = observe_pass(recorded("debian12-root"), context, facts, memory)
    after, _ = observe_pass(recorded("debian12-user"), context, facts, memory)
    alone, _ = observe_pass(recorded("debian12-user"), context, facts)
    assert [r.outcome for r in after] == [r.outcome for r in alone]
    assert [r.outcome for r in after] != [r.outcome for r in before]


def test_a_memory_is_bounded_and_keeps_what_was_asked_for_last() -> None:
    memory, known = Memory(most=2), Known(Collected([], []), {})
    memory.put("a", known)
    memory.put("b", known)
    assert memory.get("a") is known
    memory.put("c", known)
    assert memory.get("b") is None
    assert memory.get("a") is known
