"""Batches that say again in short what was said: written out they are what they stand for, or the lines are asked for."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.model import again, batch
from cmdb.model.again import LinesWanted, Remembered, expand, remembered
from cmdb.model.batch import Header, Section
from cmdb.model.errors import InvalidDocument
from cmdb.model.values import digest

HEADER = Header(
    "first", "agent:1", "agent", 1, 1_764_000_000_000_000, "Host", {"agent_key": "k" * 32, "host_name": "a"}
)
NEXT = replace(HEADER, id="second", sequence=2, observed_at=HEADER.observed_at + 300_000_000)
NAMES = ["cpu", "kernel", "memory", "network", "services"]


def section(name: str, body: bytes = b'{"items":[],"relations":[]}', **other: object) -> Section:
    made = Section(
        name, 1, ["Host"], [], "full", "collected", cost={"cpu_seconds": 0.5}, digests=[digest(body)], bodies=[body]
    )
    return replace(made, **other)  # type: ignore[arg-type]


SECTIONS = [section(name) for name in NAMES] + [
    Section("hardware", 1, ["Host"], [], "full", "not_applicable", "no DMI")
]
FIRST = b"".join(batch.encode(HEADER, SECTIONS))
ALL = {s.name for s in SECTIONS}


def said_again(sections: list[Section], header: Header = NEXT, meant: set[str] | None = None, **other: bool) -> bytes:
    meant = {s.name for s in sections} if meant is None else meant
    return b"".join(again.encode(header, sections, meant, ALL, {}, **other))


def without_bodies(header: Header, sections: list[Section]) -> batch.Batch:
    return batch.decode(b"".join(batch.encode(header, sections, {s.name: s.digest for s in sections})))


@pytest.mark.parametrize("names", [set(NAMES) | {"hardware"}, {"cpu"}, {"cpu", "hardware", "memory", "network"}, set()])
def test_written_out_it_is_the_batch_without_bodies(names: set[str]) -> None:
    sections = [s for s in SECTIONS if s.name in names]
    short = said_again(sections)

    found = batch.decode(expand(remembered(None, FIRST), short))

    expected = without_bodies(NEXT, sections)
    assert found.header == expected.header
    assert sorted(found.sections, key=lambda s: s.name) == sorted(expected.sections, key=lambda s: s.name)


def test_an_unchanged_pass_is_short_however_many_sections_there_are() -> None:
    many = [section(f"section_{number}") for number in range(200)]
    memory = remembered(None, b"".join(batch.encode(HEADER, many)))
    short = b"".join(again.encode(NEXT, many, {s.name for s in many}, {s.name for s in many}))

    assert len(short) < 300
    assert len(batch.decode(expand(memory, short)).sections) == 200


def test_any_other_batch_stays_as_it_is() -> None:
    assert expand(None, FIRST) is FIRST


def test_what_changed_stands_beside_it_at_length() -> None:
    changed = section("network", b'{"items":[{"attributes":{"name":"b"},"class":"Host"}],"relations":[]}')
    sections = [changed if s.name == "network" else s for s in SECTIONS]
    short = said_again(sections, meant=ALL - {"network"})

    found = {s.name: s for s in batch.decode(expand(remembered(None, FIRST), short)).sections}

    assert found["network"].bodies == changed.bodies
    assert {name for name, one in found.items() if one.bodies == [None]} == set(NAMES) - {"network"}


def test_what_it_cost_is_what_was_said_last() -> None:
    cheaper = [replace(s, cost={"cpu_seconds": 0.25}) for s in SECTIONS]
    memory = remembered(None, FIRST)

    silent = batch.decode(expand(memory, said_again(cheaper))).sections
    told = batch.decode(expand(memory, said_again(cheaper, costs=True))).sections

    assert {s.name: s.cost for s in silent} == {s.name: s.cost for s in SECTIONS}
    assert all(s.cost == {"cpu_seconds": 0.25} for s in told)


def test_readings_come_along() -> None:
    read = [
        replace(s, readings={"items": [{"class": "Host", "key": "", "readings": {"load_1m": "1"}}]})
        for s in SECTIONS[:1]
    ]

    found = batch.decode(expand(remembered(None, FIRST), said_again(read)))

    assert found.sections[0].readings == read[0].readings


def test_the_memory_grows_with_what_is_said_and_can_be_kept_as_bytes() -> None:
    part = b"".join(batch.encode(NEXT, [section("late")]))

    memory = Remembered.unpacked(remembered(remembered(None, FIRST), part).packed())

    assert set(memory.lines) == ALL | {"late"}
    assert batch.decode(expand(memory, b"".join(again.encode(NEXT, [section("late")], {"late"}, ALL)))).sections
    assert Remembered.unpacked(b"half of").lines == {}


@pytest.mark.parametrize(
    "memory",
    [
        None,
        Remembered(),
        remembered(None, b"".join(batch.encode(HEADER, SECTIONS[1:]))),
        remembered(
            None, b"".join(batch.encode(HEADER, [section("cpu", b'{"items":[],"relations":[],"x":1}'), *SECTIONS[1:]]))
        ),
        remembered(None, b"".join(batch.encode(replace(HEADER, marks={"host_name": "b"}), SECTIONS))),
        remembered(None, b"".join(batch.encode(HEADER, [replace(SECTIONS[0], version=2), *SECTIONS[1:]]))),
    ],
    ids=["nothing", "empty", "a section less", "another body", "other marks", "another version"],
)
def test_another_memory_asks_for_the_lines(memory: Remembered | None) -> None:
    with pytest.raises(LinesWanted):
        expand(memory, said_again(SECTIONS))


def test_a_pass_over_few_sections_needs_no_memory_of_the_others() -> None:
    memory = remembered(None, b"".join(batch.encode(HEADER, SECTIONS[:2])))

    assert len(batch.decode(expand(memory, said_again(SECTIONS[:2]))).sections) == 2


@pytest.mark.parametrize(
    "line",
    [
        b'{"again":',
        b'{"again":2}',
        b'{"again":1}',
        b'{"again":1,"sections":"cpu"}',
        b'{"again":1,"sections":[1]}',
        b'{"again":1,"sections":["memory","cpu"]}',
        b'{"again":1,"sections":["cpu","cpu"]}',
        b'{"again":1,"sections":' + json.dumps(["x"] * 1001).encode() + b"}",
        b'{"again":1,"x":' + b"[" * 100_000,
    ],
)
def test_a_line_of_another_form_is_refused(line: bytes) -> None:
    with pytest.raises(InvalidDocument):
        expand(remembered(None, FIRST), line + b"\n")


def test_costs_of_another_form_are_refused() -> None:
    first, rest = said_again(SECTIONS).split(b"\n", 1)

    with pytest.raises(InvalidDocument):
        expand(remembered(None, FIRST), first + b'\n{"costs":[]}\n' + rest)


@given(st.binary(max_size=300))
def test_whatever_follows_is_left_to_who_decodes_it(rest: bytes) -> None:
    try:
        written = expand(remembered(None, FIRST), said_again(SECTIONS) + rest)
    except InvalidDocument:
        assert rest.startswith(b'{"costs":')
    else:
        assert written.endswith(rest[:0] if rest.startswith(b'{"costs":') else rest)
