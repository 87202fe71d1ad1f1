"""Rows of files."""

from __future__ import annotations

import pytest

from api import import_files
from api.import_files import format_of, mapping, rows_of
from cmdb.importing import Row
from cmdb.model.errors import UsageError


@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_a_csv_has_rows_with_their_lines_whatever_separates_them(between: str) -> None:
    text = f'name{between}owner\r\nweb{between}"a\nb"\r\n\r\ndb{between}=1+1\r\n'

    assert rows_of(b"\xef\xbb\xbf" + text.encode(), "csv") == [
        Row("line 3", {"name": "web", "owner": "a\nb"}),
        Row("line 5", {"name": "db", "owner": "=1+1"}),
    ]


def test_a_row_of_another_length_is_named() -> None:
    (row,) = rows_of(b"a,b\n1\n", "csv")

    assert row == Row("line 2", {}, "it has 1 cells, and the first row names 2 columns")


def test_json_and_yaml_are_lists_of_objects() -> None:
    rows = [{"name": "web", "port": 80}]
    assert rows_of(b'[{"name": "web", "port": 80}]', "json") == [Row("item 1", rows[0])]
    assert rows_of(b'{"items": [{"name": "web", "port": 80}, 5]}', "json")[1] == Row(
        "item 2", {}, "it is no object, but 5"
    )
    assert rows_of(b"- name: web\n  port: 80\n-\n  name: db\n", "yaml") == [
        Row("line 1", {"name": "web", "port": "80"}),
        Row("line 4", {"name": "db"}),
    ]


@pytest.mark.parametrize(
    ("data", "format_name", "words"),
    [
        (b"", "csv", "no rows"),
        (b"a,a\n1,2\n", "csv", "'a' stands twice"),
        (b'a\n"b\n', "csv", "no CSV"),
        ("n\u00e4me\n".encode("latin1"), "csv", "not UTF-8"),
        ("name\n".encode("utf-16"), "csv", "not UTF-8"),
        (b"a\n\0\n", "csv", "NUL"),
        (b"5", "json", "no list"),
        (b"[", "json", "no JSON"),
        (b'[{"a": 1, "a": 2}]', "json", "stands twice"),
        (b"[" * 100_000, "json", "nested too deep"),
        (b"[]", "json", "no rows"),
        (b"a: [", "yaml", "no YAML"),
    ],
)
def test_what_can_not_be_read_is_refused(data: bytes, format_name: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        rows_of(data, format_name)


def test_a_file_has_so_many_rows_bytes_and_columns_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_files, "MAX_ROWS", 1)
    for data, format_name in ((b"a\n1\n2\n", "csv"), (b"[{}, {}]", "json")):
        with pytest.raises(UsageError, match="split it"):
            rows_of(data, format_name)
    with pytest.raises(UsageError, match="columns"):
        rows_of(",".join(f"c{n}" for n in range(201)).encode(), "csv")
    monkeypatch.setattr(import_files, "MAX_BYTES", 3)
    with pytest.raises(UsageError, match="split it"):
        rows_of(b"a\n1\n", "csv")


def test_a_name_that_stands_twice_behind_very_many_is_found_at_once() -> None:
    """Compared each with each, these would take an hour."""
    many = ",".join(f'"a{n}":1' for n in range(200_000))
    with pytest.raises(UsageError, match="'a199999' stands twice"):
        rows_of(f'[{{{many},"a199999":2}}]'.encode(), "json")


def test_the_format_is_told_by_the_name_or_said() -> None:
    assert [format_of(n) for n in ("a.csv", "a.JSON", "b.yml")] == ["csv", "json", "yaml"]
    assert format_of("-", "yaml") == "yaml"
    with pytest.raises(UsageError, match="--format"):
        format_of("a.xlsx")


def test_a_column_is_renamed_or_left_out() -> None:
    assert mapping(["Cost = Center=cost_center", "Notes="]) == {"Cost = Center": "cost_center", "Notes": ""}
    for wrong in (["x"], ["=x"], ["a=b", "a=c"]):
        with pytest.raises(UsageError, match="COLUMN=NAME"):
            mapping(wrong)
