"""Declared tables and their rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.snmp import syntax
from collector.snmp.table import Row, Scalars, column, columns, index_of, octets_at, rows, scalars
from tests.collector.snmp.recorded import answering


@dataclass(frozen=True, slots=True)
class Port(Row):
    oid: ClassVar[str] = "1.2.1"

    name: str | None = column(2, syntax.text)
    number: int | None = column(5, syntax.number)


@dataclass(frozen=True, slots=True)
class Group(Scalars):
    oid: ClassVar[str] = "1.2.9"

    name: str | None = column(1, syntax.text)
    count: int | None = column(2, syntax.number)


def test_rows_are_put_together_from_columns_in_the_order_of_their_index() -> None:
    answers = answering(("1.2.1.2/10", b"ten"), ("1.2.1.2/9", b"nine"), ("1.2.1.5/9", 99), ("1.2.1.5/11.1", 5))

    assert columns(Port) == ["1.2.1.2", "1.2.1.5"]
    assert rows(Port, answers) == [Port((9,), "nine", 99), Port((10,), "ten", None), Port((11, 1), None, 5)]


def test_a_cell_that_is_not_understood_is_not_there() -> None:
    answers = answering(("1.2.1.2/1", 5), ("1.2.1.5/1", b"five"), ("1.2.1.2/x", b"no index"), ("1.2.1.2/2", b"two"))

    assert rows(Port, answers) == [Port((2,), "two", None)]


def test_scalars_that_are_not_there_are_none() -> None:
    assert scalars(Group, answering(("1.2.9.1/0", b"core"), ("1.2.9.2/7", 3))) == Group("core", None)


def test_octets_of_an_index() -> None:
    assert octets_at((1, 4, 192, 0, 2, 1), 1) == bytes([192, 0, 2, 1])
    assert octets_at((7, 0, 28, 115, 0, 0, 1), 1, 6) == bytes.fromhex("001c73000001")
    assert [octets_at((1, 4, 192), 1), octets_at((1, 256), 1, 1), octets_at((1,), 1)] == [None] * 3


@given(st.text(max_size=30))
def test_no_instance_breaks(instance: str) -> None:
    found = index_of(instance)
    assert not found or ".".join(map(str, found)) == ".".join(str(int(part)) for part in instance.split("."))


def test_a_reader_that_a_field_stands_before_is_refused_where_it_is_declared() -> None:
    with pytest.raises(TypeError, match="column 3"):
        column(3, None)  # type: ignore[arg-type]


def test_an_index_of_no_oid_is_none() -> None:
    assert [index_of(each) for each in ("", "a", "1..2", "-1", "1" * 11, ".".join(["1"] * 129))] == [()] * 6
