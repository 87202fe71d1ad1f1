"""Sessions of our own with a community, and columns side by side."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from collector.snmp.session import Garbled
from collector.snmp.v2c_engine import V2cColumns, V2cSession, speaks
from tests.collector.snmp.agents import Agent, TableAgent, integer, octets
from tests.collector.snmp.engine_conformance import PUBLIC, STRONG, EngineConformance

ENTRY = "1.3.6.1.2.1.2.2.1"


class TestV2cSession(EngineConformance):
    engine = V2cSession


@contextmanager
def walking(agent: Agent, *columns: int) -> Iterator[V2cColumns]:
    with agent:
        session = V2cSession("127.0.0.1", agent.port, PUBLIC, 5.0)
        try:
            yield session.columns([f"{ENTRY}.{column}" for column in columns])
        finally:
            session.close()


def read(walk: V2cColumns, most: int) -> list[list[str]]:
    """The instances of each column; the values are right."""
    found: list[list[str]] = []
    while not walk.ended:
        answers = walk.next(most)
        found = found or [[] for _ in answers]
        for kept, answer in zip(found, answers, strict=True):
            kept += [instance for instance, _ in answer]
    return found


def test_it_speaks_to_communities_alone() -> None:
    assert speaks(PUBLIC)
    assert not speaks(STRONG)


@pytest.mark.parametrize("room", [1000, 7, 1], ids=["whole", "cut within a row", "one value"])
@pytest.mark.parametrize("most", [60, 5, 2, 1])
def test_columns_of_different_rows_are_read_side_by_side(most: int, room: int) -> None:
    columns = {2: list(range(1, 30)), 3: [2, 5, 300], 4: [], 7: list(range(20, 260, 7))}
    with walking(TableAgent(ENTRY, columns, room), *columns) as walk:
        found = read(walk, most)

    assert found == [[str(row) for row in rows] for rows in columns.values()]


def test_several_columns_are_one_question() -> None:
    agent = TableAgent(ENTRY, {2: list(range(1, 21)), 3: list(range(1, 21))})
    with walking(agent, 2, 3) as walk:
        read(walk, 42)

    assert agent.asked == [(f"{ENTRY}.2", 21)]


def test_the_end_of_all_that_an_agent_has_ends_every_column() -> None:
    agent = TableAgent(ENTRY, {2: [1, 2]})
    agent.values.pop()
    with walking(agent, 2, 3) as walk:
        assert read(walk, 20) == [["1", "2"], []]


def test_an_agent_that_answers_the_first_column_alone_is_not_believed() -> None:
    rows = [(f"{ENTRY}.2.{row}", integer(row)) for row in range(1, 11)]
    with walking(Agent(lambda _, __: rows), 2, 3) as walk, pytest.raises(Garbled, match="went back"):
        walk.next(20)


def test_columns_in_the_wrong_order_are_not_believed() -> None:
    rows = [(f"{ENTRY}.{column}.{row}", integer(row)) for column in (2, 3) for row in range(1, 11)]
    with walking(Agent(lambda _, __: rows), 2, 3) as walk, pytest.raises(Garbled, match="went back"):
        walk.next(20)


def test_more_than_was_asked_for_is_not_believed() -> None:
    rows = [(f"{ENTRY}.2.{row}", integer(row)) for row in range(1, 11)]
    with walking(Agent(lambda _, __: rows), 2) as walk, pytest.raises(Garbled, match="more than"):
        walk.next(9)


def test_a_response_above_four_kibibytes_is_read() -> None:
    rows = [(f"{ENTRY}.2.{row}", octets(b"x" * 250)) for row in range(1, 101)]
    with walking(Agent(lambda _, __: rows), 2) as walk:
        (found,) = walk.next(100)

    assert len(found) == 100
