"""What a section's body may say, and what is said of one that may not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.model.errors import InvalidDocument
from cmdb.model.precedence import PERIODIC
from cmdb.observation import Observed, check_scope, observed, readings_problem
from tests.cmdb.building import network, raw, software

PORT = {"class": "Endpoint", "key": "tcp/::/80", "attributes": {"port": 80, "exposed": True, "name": "é"}}
HOST = {"class": "Host", "attributes": {"name": "web", "os_family": ["a", "b"]}}
EXPOSES = {"type": "EXPOSES", "subject": ".", "object": ["Endpoint", "tcp/::/80"], "attributes": {"why": "x"}}
CLASSES = ["Endpoint", "Host", "IPAddress", "ChangeRecord", "SoftwareInstance"]
TYPES = ["EXPOSES", "TALKS_TO", "DEPENDS_ON"]


def read(body: Any, route: str = "agent", by_people: bool = False, subject: str = "Host") -> Observed:
    line = body if isinstance(body, bytes) else json.dumps(body).encode()
    return observed(raw("x", line, CLASSES, TYPES), subject, route, by_people)


def body(*items: Any, relations: Any = ()) -> dict[str, Any]:
    return {"items": list(items), "relations": list(relations)}


def refused(said: Any, **parts: Any) -> InvalidDocument:
    with pytest.raises(InvalidDocument) as error:
        read(said, **parts)
    error.value.message.encode()
    error.value.path.encode()
    return error.value


def test_a_body_is_read_as_items_and_relations() -> None:
    found = read(body(HOST, PORT, relations=[EXPOSES]))

    assert found.items == {
        ("Host", "."): {"name": "web", "os_family": ["a", "b"]},
        ("Endpoint", "tcp/::/80"): {"port": 80, "exposed": True, "name": "é"},
    }
    (relation,) = found.relations
    assert (relation.type, relation.subject, relation.object) == (
        "EXPOSES",
        ("Host", "."),
        ("Endpoint", "tcp/::/80"),
    )
    assert relation.attributes == {"why": "x"}


def test_sections_as_they_are_built_are_read() -> None:
    for section in (network("10.0.0.1"), software("nginx:80")):
        assert observed(section, "Host", "agent", False).items


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"null",
        b"[]",
        b"5",
        b"{}",
        b'{"items":[]}',
        b'{"items":[],"relations":[]',
        b"\xff",
        b'{"items":' + b"[" * 100_000,
        b'{"items":[' + b"9" * 5000 + b'],"relations":[]}',
    ],
)
def test_what_is_no_body_is_refused(said: bytes) -> None:
    assert refused(said).path == "/sections/x/0"


@pytest.mark.parametrize("nested", [900, 990, 995])
@pytest.mark.parametrize("where", ["value", "key", "item", "end", "attributes"])
def test_what_is_nested_deep_is_refused_and_nothing_else(nested: int, where: str) -> None:
    deep = "[" * nested + "]" * nested
    said = {
        "value": '{"class":"Host","attributes":{"name":%s}}',
        "key": '{"class":"Host","key":%s,"attributes":{}}',
        "item": "%s",
        "attributes": '{"class":"Host","attributes":%s}',
        "end": "",
    }[where] % (() if where == "end" else deep)
    relation = '{"type":"EXPOSES","subject":".","object":' + deep + "}" if where == "end" else ""

    refused(f'{{"items":[{said}],"relations":[{relation}]}}'.encode())


@pytest.mark.parametrize("name", ["items", "relations"])
@pytest.mark.parametrize("value", [None, 5, "abc", {}, {"class": "Host"}, True, 1.5])
def test_lists_are_lists(name: str, value: Any) -> None:
    assert refused({**body(), name: value}).path == f"/sections/x/0/{name}"


@pytest.mark.parametrize("row", [None, 5, "Host", [], {}, {"class": "Host"}, {"class": "Nonsense", "attributes": {}}])
def test_an_item_is_of_a_known_class(row: Any) -> None:
    assert refused(body(PORT, row)).path == "/sections/x/0/items/1"


@pytest.mark.parametrize(
    ("item", "path"),
    [
        ({"class": ["Host"], "attributes": {}}, ""),
        ({"class": "Host", "attributes": None}, "/attributes"),
        ({"class": "Host", "attributes": []}, "/attributes"),
        ({"class": "Host", "key": 5, "attributes": {}}, "/key"),
        ({"class": "Endpoint", "key": None, "attributes": {}}, "/key"),
        ({"class": "Endpoint", "key": "", "attributes": {}}, "/key"),
        ({"class": "Endpoint", "key": "x" * 2001, "attributes": {}}, "/key"),
        ({"class": "Endpoint", "key": "é" * 1001, "attributes": {}}, "/key"),
        ({"class": "Endpoint", "key": "a\0", "attributes": {}}, "/key"),
        ({"class": "Endpoint", "key": "\ud800", "attributes": {}}, "/key"),
        ({"class": "Endpoint", "key": "e\u0301", "attributes": {}}, "/key"),
        ({"class": "Endpoint", "attributes": {}}, ""),
        ({"class": "Host", "key": "other", "attributes": {}}, "/class"),
        ({"class": "SoftwarePackage", "key": "x", "attributes": {}}, "/class"),
        ({"class": "ChangeRecord", "key": "local/1", "attributes": {}}, "/class"),
        ({"class": "Host", "attributes": {"name": None}}, "/attributes/name"),
        ({"class": "Host", "attributes": {"name": 5}}, "/attributes/name"),
        ({"class": "Host", "attributes": {"name": "\ud800"}}, "/attributes/name"),
        ({"class": "Host", "attributes": {"name": "a\0"}}, "/attributes/name"),
        ({"class": "Host", "attributes": {"name": "x" * 4097}}, "/attributes/name"),
        ({"class": "Host", "attributes": {"cpu_count": True}}, "/attributes/cpu_count"),
        ({"class": "Host", "attributes": {"cpu_count": 1.0}}, "/attributes/cpu_count"),
        ({"class": "Host", "attributes": {"cpu_count": float("nan")}}, "/attributes/cpu_count"),
        ({"class": "Host", "attributes": {"cpu_count": float("inf")}}, "/attributes/cpu_count"),
        ({"class": "Host", "attributes": {"cpu_count": 2**53}}, "/attributes/cpu_count"),
        ({"class": "Host", "attributes": {"cpu_count": 10**400}}, "/attributes/cpu_count"),
        ({"class": "Host", "attributes": {"os_family": ["b", "a"]}}, "/attributes/os_family"),
        ({"class": "Host", "attributes": {"os_family": "a"}}, "/attributes/os_family"),
        ({"class": "Endpoint", "key": "k", "attributes": {"exposed": 1}}, "/attributes/exposed"),
        ({"class": "Host", "attributes": {"nonsense": 1}}, "/attributes/nonsense"),
        ({"class": "Host", "attributes": {"uptime_seconds": 1}}, "/attributes/uptime_seconds"),
        ({"class": "Host", "attributes": {"a/b": 1}}, "/attributes/a~1b"),
        ({"class": "Host", "attributes": {"\ud800": 1}}, "/attributes/\ufffd"),
    ],
)
def test_an_item_that_is_not_valid_is_named_by_its_path(item: dict[str, Any], path: str) -> None:
    assert refused(body(item)).path == f"/sections/x/0/items/0{path}"


def test_a_number_beyond_any_float_is_refused() -> None:
    said = b'{"items":[{"class":"Host","attributes":{"cpu_count":1e400}}],"relations":[]}'

    assert refused(said).path.endswith("/cpu_count")


def test_an_escape_does_not_get_past_the_short_way_for_plain_text() -> None:
    for escape in ("\\u0000", "\\ud800"):
        said = '{"items":[{"attributes":{"name":"' + escape + '"},"class":"Host"}],"relations":[]}'
        assert refused(said.encode()).path.endswith("/attributes/name")


def test_what_stands_twice_is_refused() -> None:
    assert refused(body(PORT, PORT)).path == "/sections/x/0/items/1"
    assert refused(body(PORT, relations=[EXPOSES, {**EXPOSES, "attributes": {}}])).path == "/sections/x/0/relations/1"
    short = {"type": "TALKS_TO", "subject": ".", "object": {"address": "10.0.0.1"}}
    long = {**short, "object": {"address": "10.0.0.1", "port": 0, "protocol": ""}}
    assert refused(body(relations=[short, long])).path == "/sections/x/0/relations/1"


def test_what_is_outside_the_scope_is_refused() -> None:
    narrow = raw("x", body(PORT), ["Host"], [])
    with pytest.raises(InvalidDocument, match="outside this section's scope"):
        observed(narrow, "Host", "agent", False)
    narrow = raw("x", body(PORT, relations=[EXPOSES]), ["Endpoint"], ["TALKS_TO"])
    with pytest.raises(InvalidDocument, match="outside this section's scope"):
        observed(narrow, "Host", "agent", False)


@pytest.mark.parametrize(
    "relation",
    [
        None,
        5,
        "x",
        [],
        {},
        {"type": "EXPOSES", "subject": "."},
        {"type": "NONSENSE", "subject": ".", "object": "."},
        {"type": ["EXPOSES"], "subject": ".", "object": "."},
        {"type": "EXPOSES", "subject": ".", "object": "x"},
        {"type": "EXPOSES", "subject": ".", "object": None},
        {"type": "EXPOSES", "subject": ".", "object": []},
        {"type": "EXPOSES", "subject": ".", "object": ["Endpoint"]},
        {"type": "EXPOSES", "subject": ".", "object": ["Endpoint", 5]},
        {"type": "EXPOSES", "subject": ".", "object": ["Nonsense", "x"]},
        {"type": "EXPOSES", "subject": ".", "object": {}},
        {"type": "EXPOSES", "subject": ".", "object": {"id": "x"}},
        {"type": "EXPOSES", "subject": ".", "object": {"address": ""}},
        {"type": "EXPOSES", "subject": ".", "object": {"address": "x" * 65}},
        {"type": "EXPOSES", "subject": ".", "object": {"address": "\ud800"}},
        {"type": "EXPOSES", "subject": ".", "object": {"address": 5}},
        {"type": "EXPOSES", "subject": ".", "object": {"address": "a", "port": "80"}},
        {"type": "EXPOSES", "subject": ".", "object": {"address": "a", "port": True}},
        {"type": "EXPOSES", "subject": ".", "object": {"address": "a", "port": 65536}},
        {"type": "EXPOSES", "subject": ".", "object": {"address": "a", "port": -1}},
        {"type": "EXPOSES", "subject": ".", "object": {"address": "a", "protocol": "icmp"}},
        {"type": "EXPOSES", "subject": ".", "object": {"address": "a", "protocol": ["tcp"]}},
        {"type": "EXPOSES", "subject": ".", "object": {"address": "a", "domain": "a/b"}},
        {"type": "EXPOSES", "subject": ".", "object": {"address": "a", "domain": None}},
        {"type": "EXPOSES", "subject": ".", "object": {"address": "a", "more": 1}},
        {"type": "EXPOSES", "subject": {"address": "a"}, "object": {"address": "b"}},
        {"type": "EXPOSES", "subject": ".", "object": ".", "attributes": None},
        {"type": "EXPOSES", "subject": ".", "object": ".", "attributes": {"more": "x"}},
        {"type": "EXPOSES", "subject": ".", "object": ".", "attributes": {"why": 5}},
        {"type": "EXPOSES", "subject": ".", "object": ".", "attributes": {"why": "\ud800"}},
    ],
)
def test_a_relation_that_is_not_valid_is_named_by_its_path(relation: Any) -> None:
    assert refused(body(relations=[relation])).path.startswith("/sections/x/0/relations/0")


def test_people_may_name_cis_by_their_id() -> None:
    row = {"type": "DEPENDS_ON", "subject": {"id": "A"}, "object": {"id": "B"}}

    (found,) = read(body(relations=[row]), by_people=True).relations

    assert (found.subject, found.object) == ({"id": "A"}, {"id": "B"})
    assert refused(body(relations=[{**row, "object": {"id": 5}}]), by_people=True).path.endswith("/object")
    both = {**row, "subject": {"address": "a"}, "object": {"address": "b"}}
    assert "own" in refused(body(relations=[both]), by_people=True).message


def test_a_route_writes_only_what_is_its_own_to_say() -> None:
    record = body({"class": "ChangeRecord", "key": "local/1", "attributes": {"title": "x"}})

    assert read(record, route="manual").items
    assert "may not tell of a ChangeRecord" in refused(record, route="ssh").message


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cmdb.observation.MAX_ITEMS", 1)

    assert refused(body(HOST, PORT)).path == "/sections/x/0/items"


def test_a_missing_body_is_asked_for_and_a_mismatch_is_said() -> None:
    section = raw("x", body(HOST), CLASSES)
    section.bodies = [None]
    with pytest.raises(InvalidDocument, match="send it"):
        observed(section, "Host", "agent", False)
    section.mismatch = "another digest"
    with pytest.raises(InvalidDocument, match="another digest"):
        observed(section, "Host", "agent", False)


def test_a_scope_names_what_there_is() -> None:
    check_scope(raw("x", body(), CLASSES, TYPES), "agent")
    for classes, types in ((["Nonsense"], []), ([], ["NONSENSE"]), ([], ["CONTAINS"]), ([], ["RUNS_ON"])):
        with pytest.raises(InvalidDocument):
            check_scope(raw("x", body(), classes, types), "manual")


@pytest.mark.parametrize("type_name", ["CONNECTS_TO", "LINKED_VIA"])
@pytest.mark.parametrize("route", sorted(PERIODIC))
def test_links_are_told_by_no_reporter(route: str, type_name: str) -> None:
    port = ["NetworkInterface", "eth0"]
    section = raw("x", body(relations=[{"type": type_name, "subject": ".", "object": port}]), [], [type_name])
    with pytest.raises(InvalidDocument) as error:
        observed(section, "Host", route, False)
    assert error.value.path == "/sections/x/scope/relations"
    with pytest.raises(InvalidDocument):
        check_scope(section, route)

    outside = body(relations=[{"type": type_name, "subject": ".", "object": port}])
    assert refused(outside, route=route).path == "/sections/x/0/relations/0/type"
    proven = body(relations=[{**EXPOSES, "attributes": {"proof": "confirmed"}}])
    assert refused(proven, route=route).path == "/sections/x/0/relations/0/attributes/proof"
    assert read(proven, route="manual", by_people=True).relations
    for told in ("manual", "import", "derived"):
        assert observed(section, "Host", told, True).relations


@pytest.mark.parametrize(
    ("readings", "said"),
    [
        ({"items": [{"class": "Host", "key": ".", "readings": {"uptime_seconds": 5}}]}, ""),
        ({"items": []}, ""),
        ({}, "must be an object"),
        ({"items": [], "more": 1}, "must be an object"),
        ({"items": {}}, "must be an object"),
        ({"items": [5]}, "items/0: readings of an item need"),
        ({"items": [{"class": "Host", "key": ".", "readings": []}]}, "items/0: readings of an item need"),
        ({"items": [{"class": "Nonsense", "key": ".", "readings": {}}]}, "items/0: no item"),
        ({"items": [{"class": ["Host"], "key": ".", "readings": {}}]}, "items/0: no item"),
        ({"items": [{"class": "Host", "key": 5, "readings": {}}]}, "items/0: no item"),
        ({"items": [{"class": "Host", "key": ".", "readings": {"name": "x"}}]}, "items/0/readings/name: there is no"),
        ({"items": [{"class": "Host", "key": ".", "readings": {"uptime_seconds": 1.5}}]}, "found a float"),
    ],
)
def test_readings_are_those_that_the_class_declares(readings: dict[str, Any], said: str) -> None:
    assert said in readings_problem(readings)
    assert bool(said) == bool(readings_problem(readings))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@given(st.data())
def test_a_mutated_body_is_read_or_refused(drawn: st.DataObject) -> None:
    said: Any = json.loads(json.dumps(body(HOST, PORT, relations=[EXPOSES])))
    for _ in range(drawn.draw(st.integers(1, 3))):
        target = said
        while target:
            places = sorted(target) if isinstance(target, dict) else list(range(len(target)))
            place = drawn.draw(st.sampled_from(places))
            if not isinstance(target[place], (dict, list)) or drawn.draw(st.integers(0, 3)) == 0:
                target[place] = drawn.draw(ANYTHING)
                break
            target = target[place]
    try:
        found = read(said)
    except InvalidDocument as error:
        (error.message + error.path).encode()
    else:
        assert isinstance(found, Observed)
