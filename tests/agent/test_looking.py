"""The process that looks tells each section, and leaves out what is known already."""

from __future__ import annotations

import os

from agent.fact import Content, Context, Fact, File
from agent.facts import FACTS
from agent.looking import apart, look
from agent.recording import RecordedShell
from agent.told import Begins, Reader, Told
from tests.agent.facts_that_fail import fine

GROUPS = "root:x:0:\nadm:x:4:\n"


def told(facts: list[Fact], groups: str = GROUPS, before: tuple[Told, ...] = ()) -> list[Told]:
    """What a process tells of a host with these groups."""
    shell = RecordedShell({File("/etc/group"): Content(groups.encode()), File("/etc/passwd"): Content(b"")})
    reading, writing = os.pipe()
    keys = {one.section.name: one.key for one in before if one.key}
    digests = {one.section.name: one.section.digests for one in before}
    pid = apart(lambda: look(writing, shell, Context(), facts, keys, digests))
    os.close(writing)
    reader = Reader()
    reader.most = 10**6
    with open(reading, "rb") as pipe:
        messages = list(reader.feed(pipe.read()))
    assert os.waitpid(pid, 0)[1] == 0
    assert [m.name for m in messages if isinstance(m, Begins)] == [fact.NAME for fact in facts]
    return [m for m in messages if isinstance(m, Told)]


def test_each_section_is_told_with_its_bodies() -> None:
    groups, made = told([FACTS["groups"], fine("made")])

    assert b"adm" in (groups.unpacked().bodies[0] or b"")
    assert (groups.same, made.same) == ("", "")
    assert groups.key
    assert not made.key


def test_of_the_same_material_only_the_cost_is_told() -> None:
    first = told([FACTS["groups"]])
    [second] = told([FACTS["groups"]], before=tuple(first))
    assert second.same == "all"
    assert second.section.cost["wall_seconds"] > 0


def test_of_other_material_that_gives_the_same_no_bodies_are_told() -> None:
    first = told([FACTS["groups"]])
    [second] = told([FACTS["groups"]], groups=GROUPS.replace("root:x:0:\n", "") + "root:x:0:\n", before=tuple(first))
    assert (second.same, second.section.digests, second.section.bodies) == (
        "bodies",
        first[0].section.digests,
        [],
    )


def test_what_changed_is_told_in_full() -> None:
    first = told([FACTS["groups"]])
    [second] = told([FACTS["groups"]], groups=GROUPS + "new:x:9:\n", before=tuple(first))
    assert second.same == ""
    assert b"new" in (second.unpacked().bodies[0] or b"")
