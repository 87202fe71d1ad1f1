"""The query language: what is understood, what is refused, and when a query holds for a CI."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cmdb.model.classes import CLASSES
from cmdb.model.errors import UsageError
from cmdb.model.query_language import (
    RESERVED,
    ClassTerm,
    FieldTerm,
    FreeText,
    HasTerm,
    IdTerm,
    ParentTerm,
    RelationTerm,
    contained_by,
    matches,
    parse,
)
from cmdb.model.search_index import index_value, text_of
from cmdb.model.values import MAX_INDEXED_BYTES, Value


@dataclass
class Found:
    """A CI as `matches` sees it."""

    class_name: str = "Host"
    name: str = "web01"
    attributes: dict[str, Value] = field(default_factory=dict)
    id: str = "A"
    parent: str | None = None


def holds(query: str, item: Found, *relation_types: str) -> bool:
    return matches(parse(query), item, relation_types)


def refused(query: str) -> str:
    with pytest.raises(UsageError) as refusal:
        parse(query)
    assert refusal.value.status == 2
    return refusal.value.message


def test_every_kind_of_term_is_understood() -> None:
    query = parse(
        r'class:host name:web* os_version:12 port:>1024 has:os rel:runs_on -type:ext4 "Free text" id:A in:B'
        r' name:="x* \"y\\"'
    )

    assert query.terms == (
        ClassTerm("Host"),
        FieldTerm("name", "prefix", "web"),
        FieldTerm("os_version", "=", "12"),
        FieldTerm("port", ">", "1024"),
        HasTerm("os"),
        RelationTerm("RUNS_ON"),
        FieldTerm("type", "=", "ext4", negated=True),
        FreeText(("free", "text")),
        IdTerm("A"),
        ParentTerm("B"),
        FieldTerm("name", "=", 'x* "y\\'),
    )


def test_a_query_without_terms_means_every_ci() -> None:
    assert parse(" \t").terms == ()
    assert holds("", Found())


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("nam:x", "no field 'nam'; the nearest are name"),
        ("has:nme", "no field 'nme'; the nearest are name"),
        ("fe80::1", "Quote a text that holds a colon"),
        ("class:Hst", "no class 'Hst'; the nearest are Host"),
        ("rel:RUN_ON", "no relationship type 'RUN_ON'; the nearest are RUNS_ON"),
        ("***", "no letter and no number"),
        ("-", "no letter and no number"),
        ('""', "no letter and no number"),
        ("port:http", "port is a number"),
        ("port:8*", "port is a number"),
        ("port:99999999999999999", "port is a number"),
        ("enabled:yes", "enabled:true or enabled:false"),
        ("enabled:>true", "enabled:true or enabled:false"),
        ("name:", "has:name asks"),
        ("name:*", "has:name asks"),
        ('name:""*', "has:name asks"),
        ("name:a*b", "at the end only"),
        ('name:>"a"*', "not both"),
        ("class:", "needs a value"),
        ("class:>Host", "plain value"),
        ('name:"a', "not closed"),
        ('name:"a"b', "within a word"),
        ("command:x", "not searched"),
        ("name:" + "x" * 1901 + "*", "too long"),
        ("x" * 5000, "5000 bytes"),
        ("x " * 65, "more than 64 terms"),
        ("\0", "NUL"),
        ("\ud800", "surrogate"),
    ],
)
def test_what_is_not_understood_is_refused_with_the_remedy(query: str, reason: str) -> None:
    assert reason in refused(query)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("class:Host", True),
        ("class:Endpoint", False),
        ("-class:Endpoint", True),
        ("name:WEB01", True),
        ("name:web", False),
        ("name:Web*", True),
        ("os_version:12", True),
        ("os_version:>11", True),
        ("os_version:>2", False),
        ("memory_bytes:>1024", True),
        ("memory_bytes:9000", True),
        ("memory_bytes:<=8999", False),
        ("memory_bytes:>=9000", True),
        ("memory_bytes:<9000", False),
        ("os_family:debian", True),
        ("os_family:deb*", True),
        ("os_family:rhel", False),
        ("has:os_family", True),
        ("has:kernel", False),
        ("has:name", True),
        ("kernel:Linux", False),
        ("-kernel:Linux", True),
        ("vendor:stra\u00dfe", True),
        ("vendor:STRASSE", True),
        ("vendor:\uff33trasse", True),
        ("lin deb", True),
        ('"bookworm linux"', True),
        ("inux", False),
        ("-inux", True),
        ("id:A", True),
        ("id:a", False),
        ("in:A", True),
        ("in:P", True),
        ("in:B", False),
        ("rel:HAS_ADDRESS", True),
        ("rel:TALKS_TO", False),
        ("class:Host -name:web*", False),
    ],
)
def test_a_term_holds_for_a_ci(query: str, expected: bool) -> None:
    host = Found(
        attributes={
            "os_version": "12",
            "memory_bytes": 9000,
            "os_family": ["debian", "linux"],
            "os_name": "Linux (bookworm)",
            "vendor": "Stra\u00dfe",
        },
        parent="P",
    )

    assert holds(query, host, "HAS_ADDRESS") is expected


def test_a_truth_value_compares_as_true_and_false() -> None:
    endpoint = Found("Endpoint", "tcp *:80", {"exposed": True, "port": 80})

    assert holds("exposed:TRUE", endpoint)
    assert not holds("exposed:false", endpoint)
    assert holds("exposed:false", Found("Endpoint", "x", {"exposed": False}))


def test_a_list_without_members_is_present_and_equals_nothing() -> None:
    host = Found(attributes={"gateways": []})

    assert holds("has:gateways", host)
    assert not holds("gateways:>=0", host)


def test_a_long_value_is_compared_by_its_beginning_and_digest() -> None:
    long, longer = "\u00e4" * 2000, "\u00e4" * 2001

    key = index_value(long)

    assert isinstance(key, str)
    assert len(key.encode()) <= MAX_INDEXED_BYTES
    assert key != index_value(longer)
    host = Found(attributes={"product": long})
    assert holds("product:" + "\u00c4" * 900 + "*", host)
    assert holds("product:" + long, host)
    assert not holds("product:" + longer, host)


def test_ranges_follow_code_points_beyond_the_basic_plane() -> None:
    host = Found(attributes={"product": "\U0001f600"})

    assert holds("product:>\ufffd", host)
    assert not holds("product:<\ufffd", host)


def test_containment_is_a_relation_of_the_parts_class() -> None:
    assert contained_by("RUNS_ON") == {"ContainerWorkload", "SoftwareInstance"}
    assert "Endpoint" in contained_by("CONTAINS")
    assert "Host" not in contained_by("CONTAINS")


def test_every_example_of_the_documentation_is_understood(root: Path) -> None:
    page = (root / "docs" / "query.md").read_text(encoding="utf-8")
    lines = page.split("```")[1].strip().splitlines()
    examples = [line.split("  ")[0] for line in lines]
    examples += re.findall(
        r"`(\S[^`]*)`", "".join(row.split("|")[1] for row in page.splitlines() if row.startswith("| `"))
    )

    assert len(examples) > 15
    assert all(parse(example).terms for example in examples)


def test_no_attribute_is_called_like_a_reserved_word() -> None:
    assert not [(c.name, r) for c in CLASSES.values() for r in RESERVED if r in c.attributes]


_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
_WORDS = st.sampled_from(
    [
        "class:",
        "name:",
        "port:",
        "has:",
        "rel:",
        "in:",
        "id:",
        "-",
        '"',
        "*",
        "\\",
        ">",
        "=",
        "Host",
        "12",
        " ",
        "web",
        "\u0345",
    ]
)


@given(st.one_of(st.text(), st.lists(_WORDS | _TEXT, max_size=12).map("".join)))
@example('name:"' + "\\" * 2000)
def test_any_text_is_understood_or_refused_and_what_is_understood_can_be_written_again(text: str) -> None:
    try:
        query = parse(text)
    except UsageError:
        return

    assert parse(str(query)).terms == query.terms


@given(
    st.sampled_from(["name", "os_version", "port", "vendor"]),
    st.sampled_from(["=", ">", "<", ">=", "<=", "prefix"]),
    _TEXT.filter(lambda t: "\0" not in t) | st.integers(-9, 99).map(str),
    st.booleans(),
)
def test_a_field_term_is_read_as_it_is_written(name: str, operator: str, value: str, negated: bool) -> None:
    term = FieldTerm(name, operator, value, negated)
    try:
        query = parse(str(term))
    except UsageError:
        return

    assert query.terms == (term,)


_VALUES: st.SearchStrategy[dict[str, Value]] = st.fixed_dictionaries(
    {},
    optional={
        "os_version": _TEXT,
        "memory_bytes": st.integers(-5, 5),
        "os_family": st.lists(_TEXT, max_size=2, unique=True).map(sorted),
    },
)


@given(_VALUES, _TEXT, st.sampled_from(["os_version", "memory_bytes", "os_family", "name"]), st.integers(-5, 5) | _TEXT)
def test_a_value_is_smaller_equal_or_greater_and_a_negated_term_is_the_opposite(
    attributes: dict[str, Value], name: str, asked: str, value: object
) -> None:
    item = Found("Host", name, attributes)
    answers: list[bool] = []
    for operator in ("<", "=", ">"):
        term = FieldTerm(asked, operator, str(value))
        try:
            query, negated = parse(str(term)), parse("-" + str(term))
        except UsageError:
            return
        answers.append(matches(query, item, ()))
        assert matches(negated, item, ()) is not answers[-1]

    single = asked == "name" or isinstance(attributes.get(asked), (int, str))
    comparable = not isinstance(attributes.get(asked), int) or str(value).lstrip("-").isdigit()
    if single and comparable:
        assert sum(answers) == 1
    if asked != "name" and asked not in attributes:
        assert sum(answers) == 0


@given(_TEXT, _TEXT)
def test_every_token_of_a_ci_finds_it_by_each_of_its_beginnings(name: str, vendor: str) -> None:
    item = Found("Host", name, {"vendor": vendor})
    for token in text_of("Host", name, item.attributes):
        for end in (1, len(token)):
            try:
                query = parse('"' + token[:end] + '"')
            except UsageError:
                continue
            assert matches(query, item, ())
