"""A batch as bytes: written and read again, and whatever else comes is refused with the place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.model import batch as batches
from cmdb.model.batch import Batch, Header, Section, decode, encode, item_json, section_body, section_lines
from cmdb.model.classes.endpoint import Endpoint
from cmdb.model.classes.host import Host
from cmdb.model.declaration import Relation
from cmdb.model.errors import InvalidDocument
from cmdb.model.values import canonical, digest

HEADER = Header(
    id="b1",
    source="agent:1",
    route="agent",
    sequence=7,
    observed_at=1_700_000_000_123_456,
    subject_class="Host",
    marks={"machine_id": "ab" * 16, "macs": ["02:00:00:00:00:01"]},
    domain="lab",
    privilege="user",
    interval_seconds=600,
)


def section(name: str = "os", *bodies: bytes, **parts: Any) -> Section:
    lines = list(bodies) or section_body([item_json(Host(name="web"), True)], [])
    made = Section(name, 2, ["Host"], ["EXPOSES"], "full", "collected", "", {"wall_seconds": 0.5})
    made.bodies, made.digests, made.parts = list(lines), [digest(line) for line in lines], len(lines)
    for field, value in parts.items():
        setattr(made, field, value)
    return made


def data(*sections: Section, **parts: Any) -> bytes:
    return b"".join(encode(HEADER, sections, **parts))


def refused(raw: bytes) -> InvalidDocument:
    with pytest.raises(InvalidDocument) as error:
        decode(raw)
    return error.value


def test_what_is_written_is_read_again() -> None:
    failing = Section("accounts", 1, [], [], "user", "failed", "no root")
    said = [section(readings={"items": []}), failing]
    said[0].readings = {"items": [{"class": "Host"}]}

    found = decode(data(*said))

    assert found.header == HEADER
    assert found.sections == said
    assert found.digest == digest(data(*said))
    assert found.same == ""


def test_the_sections_digest_does_not_cover_what_it_cost() -> None:
    cheap, dear = section(cost={"wall_seconds": 0.1}), section(cost={"wall_seconds": 9})

    assert decode(data(cheap)).sections_digest == decode(data(dear)).sections_digest
    assert decode(data(section(reason="x"))).sections_digest != decode(data(cheap)).sections_digest


def test_one_line_stands_for_all_section_lines() -> None:
    raw = data(section(), same=True)

    found = decode(raw)

    assert raw.count(b"\n") == 2
    assert found.same == found.sections_digest == decode(data(section())).sections_digest
    assert found.sections == []


def test_a_body_that_the_receiver_holds_is_left_out() -> None:
    said = section()

    (found,) = decode(data(said, held={"os": said.digest})).sections

    assert found.bodies == [None]
    assert found.digest == said.digest
    assert len(data(said)) - len(data(said, held={"os": said.digest})) == len(said.bodies[0] or b"") + 1


def test_a_last_line_without_its_end_counts() -> None:
    assert decode(data(section())[:-1]).sections == decode(data(section())).sections


def test_bodies_are_the_same_whatever_the_order_of_what_was_found() -> None:
    items = [item_json(Endpoint(protocol="tcp", address="::", port=p)) for p in (3, 1, 2)]
    told = [Relation("EXPOSES", ".", ["Endpoint", f"tcp/::/{p}"]) for p in (3, 1, 2)]

    assert section_body(items, told) == section_body(items[::-1], told[::-1])


def test_large_sections_come_in_parts_that_are_one_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "MAX_ITEMS", 2)
    items = [item_json(Endpoint(protocol="tcp", address="::", port=p)) for p in range(1, 6)]
    bodies = section_body(items, [Relation("EXPOSES", ".", ["Endpoint", f"tcp/::/{p}"]) for p in range(1, 4)])
    said = section("software", *bodies)

    (found,) = decode(data(said)).sections

    assert len(bodies) == 5
    assert sum(len(json.loads(body)["items"]) for body in bodies) == 5
    assert found.complete
    assert found.bodies == said.bodies
    assert found.digest == said.digest == digest("".join(said.digests))
    assert [line["part"] for line in section_lines(said)] == [[n, 5] for n in range(1, 6)]


def test_rows_are_split_by_size_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "MAX_BODY_BYTES", 4096)
    items = [item_json(Host(name="x" * 1000, os=str(n)), True) for n in range(6)]

    bodies = section_body(items, [])

    assert len(bodies) > 1
    assert max(map(len, bodies)) <= 4096


def test_a_missing_part_leaves_the_section_incomplete() -> None:
    said = section("software", b'{"items":[],"relations":[]}', b'{"items":[ ],"relations":[]}')
    lines = data(said).splitlines(keepends=True)

    (found,) = decode(b"".join(lines[:3])).sections

    assert not found.complete
    assert found.digest != said.digest


def test_a_body_of_another_digest_is_the_sections_own_trouble() -> None:
    said = section()
    said.digests = ["0" * 64]

    (found,) = decode(data(said)).sections

    assert "SHA-256" in found.mismatch


def test_a_body_that_is_too_large_is_the_sections_own_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "MAX_BODY_BYTES", 10)

    assert "split the section" in decode(data(section())).sections[0].mismatch


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b"", "/0"),
        (b"\n", "/0"),
        (b"null\n", "/0"),
        (b"[]\n", "/0"),
        (b"{}\n", "/0/batch"),
        (b"\xff\xfe\n", "/0"),
        (b'{"batch":' + b"[" * 100_000 + b"\n", "/0"),
        (b'{"batch":1,"n":' + b"9" * 5000 + b"}\n", "/0"),
    ],
)
def test_what_is_no_header_is_refused(raw: bytes, path: str) -> None:
    assert refused(raw).path == path


NOT_A_TEXT: list[Any] = [None, 1, True, [], {}, "", "x" * 257, "\x00", "\ud800", "e\u0301"]
NOT_A_NUMBER: list[Any] = [None, True, "1", 1.5, -1, 2**53, 2**80, [], {}, float("inf"), float("nan")]


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("batch", [None, 0, 2, True, "1", 1.0]),
        ("id", NOT_A_TEXT),
        ("source", NOT_A_TEXT),
        ("route", NOT_A_TEXT),
        ("sequence", NOT_A_NUMBER),
        ("observed_at", [None, 5, [], "", "yesterday", "2026-01-01", "2026-01-01T00:00:00", "1969-12-31T00:00:00Z"]),
        ("subject", [None, [], "Host", {}]),
        ("domain", [None, "", "a/b", "a b", "x" * 200, 5, "\ud800"]),
        ("privilege", [None, "root", ["full"], {}]),
        ("interval_seconds", [*NOT_A_NUMBER, 0]),
    ],
)
def test_every_field_of_the_header_is_checked(field: str, values: list[Any]) -> None:
    good = json.loads(data().splitlines()[0])

    for value in values:
        error = refused(json.dumps({**good, field: value}).encode() + b"\n")
        assert error.path.startswith(f"/0/{field}"), (value, error.path)
        error.message.encode()


@pytest.mark.parametrize(
    ("identifiers", "path"),
    [
        ({"Machine": "x"}, "/Machine"),
        ({"": "x"}, "/"),
        ({"a/b~": "x"}, "/a~1b~0"),
        ({"\ud800": "x"}, "/\ufffd"),
        ({"machine_id": None}, "/machine_id"),
        ({"machine_id": 5}, "/machine_id"),
        ({"machine_id": "\ud800"}, "/machine_id"),
        ({"macs": ["a", 5]}, "/macs"),
        ({"macs": [["a"]]}, "/macs"),
        ({"macs": ["a"] * 1001}, "/macs"),
        ([["machine_id", "x"]], ""),
        (None, ""),
    ],
)
def test_marks_are_texts_or_lists_of_texts(identifiers: Any, path: str) -> None:
    good = json.loads(data().splitlines()[0])
    good["subject"]["identifiers"] = identifiers

    assert refused(json.dumps(good).encode() + b"\n").path == f"/0/subject/identifiers{path}"


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("section", [None, "", 5, "Os", "subject", "x" * 65, "\x00", "a b", ["os"]]),
        ("fact_version", [*NOT_A_NUMBER, 2**31]),
        ("scope", [None, [], "x"]),
        ("outcome", [None, "ok", [], "Collected"]),
        ("reason", [None, 5, "x" * 4097, "\ud800", "\x00"]),
        ("cost", [5, "x", [], {"a": "x"}, {"a": True}, {"a": float("nan")}, {"a": 10**400}, {"a": {}}, {"x" * 65: 1}]),
        ("cost", [{f"c{n}": n for n in range(33)}]),
        ("digest", [None, "", "0" * 63, "G" * 64, 5, "0" * 65]),
        ("part", [None, 1, [], [1], [0, 1], [1, 0], [2, "2"], [True, 2], [1, 10**9], [1, 2, 3]]),
    ],
)
def test_every_field_of_a_section_line_is_checked(field: str, values: list[Any]) -> None:
    head, line, body = data(section()).splitlines()

    for value in values:
        raw = b"\n".join([head, json.dumps({**json.loads(line), field: value}).encode(), body])
        error = refused(raw)
        assert error.path.startswith(f"/1/{field}"), (value, error.path)
        error.message.encode()


@pytest.mark.parametrize("field", ["classes", "relations"])
@pytest.mark.parametrize("value", [None, "Host", {"Host": 1}, [5], [["Host"]], ["x"] * 1001, ["\ud800"], [""]])
def test_scopes_are_lists_of_names(field: str, value: Any) -> None:
    head, line, body = data(section()).splitlines()
    row = json.loads(line)
    row["scope"][field] = value

    assert refused(b"\n".join([head, json.dumps(row).encode(), body])).path.startswith(f"/1/scope/{field}")


@pytest.mark.parametrize(
    ("lines", "path"),
    [
        ([b"{}"], "/1"),
        ([b"5"], "/1"),
        ([b"", b""], "/1"),
        ([b'{"items":[],"relations":[]}'], "/1"),
        ([b'{"same":5}'], "/1/same"),
        ([b'{"same":"x"}'], "/1/same"),
        ([b'{"readings":[],"of":"os"}'], "/1/readings"),
        ([b'{"readings":{}}'], "/1/of"),
        ([b'{"readings":{},"of":5}'], "/1/of"),
        ([b'{"readings":{},"of":"subject "}'], "/1/of"),
        ([b'{"section":"os"}'], "/1/scope"),
    ],
)
def test_what_is_no_line_of_a_batch_is_refused(lines: list[bytes], path: str) -> None:
    assert refused(b"\n".join([data().strip(), *lines])).path == path


def test_a_number_that_is_none_is_refused_wherever_it_stands() -> None:
    head, line, body = data(section()).splitlines()
    row = json.dumps({**json.loads(line), "more": float("nan")}).encode()

    assert refused(b"\n".join([head, row, body])).path == "/1"


def test_a_section_comes_once_and_its_parts_in_order() -> None:
    head, line, body = data(section()).splitlines()
    assert refused(b"\n".join([head, line, body, line, body])).path == "/3"
    assert refused(b"\n".join([head, line, body, body])).path == "/3"

    parts = section("software", b'{"items":[],"relations":[]}', b'{"items":[ ],"relations":[]}')
    head, one, first, two, second = data(parts).splitlines()
    assert refused(b"\n".join([head, one, first, one, first])).path == "/3"
    other = two.replace(b'"fact_version":2', b'"fact_version":3')
    assert refused(b"\n".join([head, one, first, other, second])).path == "/3"


def test_one_line_does_not_stand_for_others_beside_it() -> None:
    head, same = data(section(), same=True).splitlines()
    _, line, body = data(section()).splitlines()

    assert "beside it" in refused(b"\n".join([head, same, line, body])).message


def test_more_sections_than_are_taken_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "MAX_SECTIONS", 2)

    assert refused(data(*(section(name) for name in "abc"))).path == "/5"


def test_a_batch_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "MAX_BATCH_BYTES", 10)

    assert "at most 10" in refused(data()).message


def test_a_batch_of_too_many_lines_is_refused_before_they_are_decoded() -> None:
    assert "more than 100000 lines" in refused(data() + b"{}\n" * 100_000).message


@given(st.binary(max_size=300))
def test_bytes_are_a_batch_or_refused(raw: bytes) -> None:
    _decoded_or_refused(raw)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.integers(0, 4), st.data())
def test_a_mutated_batch_is_a_batch_or_refused(place: int, drawn: st.DataObject) -> None:
    lines = data(section(readings={"items": []}), Section("x", 1, [], [], "full", "failed", "y")).splitlines()
    row = json.loads(lines[place % len(lines)])
    for _ in range(drawn.draw(st.integers(1, 3))):
        target = row
        while isinstance(target, dict) and target:
            name = drawn.draw(st.sampled_from(sorted(target)))
            if not isinstance(target[name], dict) or drawn.draw(st.booleans()):
                target[name] = drawn.draw(JSON)
                break
            target = target[name]
    lines[place % len(lines)] = json.dumps(row).encode()

    _decoded_or_refused(b"\n".join(lines))


def _decoded_or_refused(raw: bytes) -> None:
    try:
        found = decode(raw)
    except InvalidDocument as error:
        said = [error.path, error.message]
    else:
        assert isinstance(found, Batch)
        said = [found.header.id, found.header.source, found.header.domain, canonical(dict(found.header.marks))]
    "".join(said).encode()
