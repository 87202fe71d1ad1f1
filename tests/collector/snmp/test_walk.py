"""Tables read from agents that are slow, wrong or hostile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from collector.secret import Secret
from collector.snmp import syntax
from collector.snmp.mibs.entity_mib import Entity
from collector.snmp.mibs.if_mib import Interface as If
from collector.snmp.mibs.snmpv2_mib import System
from collector.snmp.pace import Pace
from collector.snmp.session import Community
from collector.snmp.table import Row, column, columns, rows
from collector.snmp.v2c_engine import V2cSession
from collector.snmp.walk import GONE, Failed, Limits, Walk
from tests.collector.snmp.agents import Agent, Say, TableAgent, free_port, ifdescr, integer, octets

PREFIX = "1.3.6.1.2.1.2.2.1.2"


@dataclass(frozen=True, slots=True)
class Port(Row):
    oid: ClassVar[str] = "1.3.6.1.2.1.2.2.1"

    name: str | None = column(2, syntax.text)


class Unhurried(Pace):
    """To which a busy machine is no slow agent."""

    def answered(self, seconds: float) -> bool:
        return super().answered(0.0)


def walking(say: Say, seconds: float = 0.3, limits: Limits | None = None) -> AbstractContextManager[tuple[Walk, Agent]]:
    return asking(Agent(say), seconds, limits)


@contextmanager
def asking(agent: Agent, seconds: float = 0.3, limits: Limits | None = None) -> Iterator[tuple[Walk, Agent]]:
    with agent:
        session = V2cSession("127.0.0.1", agent.port, Community(Secret("public")), seconds)
        try:
            yield Walk(session, Unhurried(5000, sleep=lambda _: None), limits or Limits()), agent
        finally:
            session.close()


def test_a_table_is_read_and_its_cost_kept() -> None:
    with walking(lambda oid, most: ifdescr(60, after=oid, most=most)) as (walk, _):
        found = rows(Port, walk.table(Port))

    assert [row.name for row in found] == [f"port {n}" for n in range(1, 61)]
    cost = walk.costs[Port.oid]
    assert (cost.rows, cost.responses) == (60, 2)
    assert cost.seconds > 0


def test_a_table_that_an_agent_has_not_costs_one_question() -> None:
    with walking(lambda _, __: [("1.3.6.1.2.1.92.1.1.1.0", integer(1))]) as (walk, agent):
        assert walk.table(Entity) == {oid: {} for oid in columns(Entity)}

    assert [(oid, most) for oid, most in agent.asked] == [(Entity.oid, 1)]


def test_an_agent_that_does_not_answer_that_question_is_asked_for_the_columns() -> None:
    def say(oid: str, most: int) -> list[tuple[str, Any]] | None:
        if oid == If.oid:
            return None
        return ifdescr(3, after=oid, most=most) if oid.startswith(PREFIX) else [("1.3.6.1.9.1", integer(1))]

    with walking(say, seconds=0.1) as (walk, _):
        found = rows(If, walk.table(If))

    assert [row.description for row in found] == ["port 1", "port 2", "port 3"]


def test_more_is_asked_for_as_long_as_answers_are_whole() -> None:
    with walking(lambda oid, most: ifdescr(300, after=oid, most=most)) as (walk, agent):
        assert len(rows(Port, walk.table(Port))) == 300

    assert [most for _, most in agent.asked] == [25, 50, 100, 100, 100]


def test_an_agent_that_gives_less_than_was_asked_for_is_not_asked_for_more() -> None:
    with walking(lambda oid, most: ifdescr(60, after=oid, most=min(most, 8))[:8]) as (walk, agent):
        assert len(rows(Port, walk.table(Port))) == 60

    assert {most for _, most in agent.asked} == {25}


def test_an_agent_that_is_slow_is_not_asked_for_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Unhurried, "answered", lambda *_: False)
    with walking(lambda oid, most: ifdescr(100, after=oid, most=most)) as (walk, agent):
        assert len(rows(Port, walk.table(Port))) == 100

    assert {most for _, most in agent.asked} == {25}


def test_what_was_too_much_is_not_asked_for_again() -> None:
    with walking(lambda oid, most: 1 if most > 60 else ifdescr(300, after=oid, most=most)) as (walk, agent):
        assert len(rows(Port, walk.table(Port))) == 300
        walk.table(Port)

    assert [most for _, most in agent.asked].count(100) == 1
    assert max(most for _, most in agent.asked[3:]) == 50


def test_a_table_is_asked_for_side_by_side() -> None:
    agent = TableAgent(If.oid, {number: list(range(1, 41)) for number in range(1, 23)})
    with asking(agent) as (walk, _):
        found = rows(If, walk.table(If))

    assert [row.description for row in found] == [f"{If.oid}.2.{n}" for n in range(1, 41)]
    assert [most for _, most in agent.asked] == [1, 3, 7, 14, 14, 14]


def test_an_agent_that_answers_one_column_at_a_time_is_asked_so() -> None:
    class FirstAlone(TableAgent):
        def said(self, first: str, repetitions: int) -> list[tuple[str, Any]]:
            self.names = [first]
            return super().said(first, repetitions)

    agent = FirstAlone(If.oid, {number: [1, 2, 3] for number in range(1, 23)})
    with asking(agent) as (walk, _):
        found = rows(If, walk.table(If))

    assert [row.description for row in found] == [f"{If.oid}.2.{n}" for n in (1, 2, 3)]
    assert walk.costs[If.oid].rows == 3 * len(columns(If))
    assert len(agent.asked) == 2 + len(columns(If))


def test_an_agent_that_can_not_answer_so_much_is_asked_for_less() -> None:
    with walking(lambda oid, most: 1 if most > 5 else ifdescr(30, after=oid, most=most)) as (walk, agent):
        assert len(rows(Port, walk.table(Port))) == 30

    assert max(most for _, most in agent.asked[-5:]) <= 5


def test_an_agent_that_loses_large_answers_is_asked_for_less() -> None:
    with walking(lambda oid, most: None if most > 12 else ifdescr(30, after=oid, most=most)) as (walk, _):
        assert len(rows(Port, walk.table(Port))) == 30


def test_one_that_falls_silent_in_the_middle_fails_the_table_and_is_asked_three_times() -> None:
    with (
        walking(lambda oid, most: ifdescr(500, after=oid, most=most) if oid == PREFIX and most > 20 else None) as (
            walk,
            agent,
        ),
        pytest.raises(Failed, match="no answer to 3 questions") as caught,
    ):
        walk.table(Port)

    assert caught.value.outcome == "timeout"
    assert len(agent.asked) <= 6


@pytest.mark.parametrize(
    "again",
    [
        [f"{PREFIX}.1", f"{PREFIX}.1"],
        [f"{PREFIX}.2", f"{PREFIX}.1"],
        [f"{PREFIX}.9", f"{PREFIX}.10", f"{PREFIX}.9.1"],
    ],
    ids=["twice", "back", "out of order"],
)
def test_an_agent_that_goes_round_is_left(again: list[str]) -> None:
    with (
        walking(lambda _, __: [(oid, octets(b"x")) for oid in again]) as (walk, agent),
        pytest.raises(Failed) as caught,
    ):
        walk.table(Port)

    assert "never end" in str(caught.value)
    assert caught.value.outcome == "invalid"
    assert len(agent.asked) < 5


def test_one_that_never_comes_to_an_end_is_cut_by_rows() -> None:
    endless = walking(lambda oid, most: ifdescr(10**9, after=oid, most=most), limits=Limits(rows=1000))
    with endless as (walk, _), pytest.raises(Failed, match="more than 1,000 values") as caught:
        walk.table(Port)

    assert caught.value.outcome == "too_much"


def test_large_values_are_cut_by_bytes() -> None:
    def say(oid: str, _: int) -> list[tuple[str, Any]]:
        number = int(oid.rpartition(".")[2]) if oid != PREFIX else 0
        return [(f"{PREFIX}.{number + 1}", octets(b"x" * 1200))]

    with walking(say, limits=Limits(bytes=1024 * 1024)) as (walk, _), pytest.raises(Failed, match="1 MiB"):
        walk.table(Port)


def test_time_is_bounded_for_all_of_a_device() -> None:
    with walking(lambda oid, most: ifdescr(60, after=oid, most=most), limits=Limits(seconds=10)) as (walk, _):
        times = iter(range(0, 1000, 4))
        walk.clock = lambda: float(next(times))
        with pytest.raises(Failed, match="longer than 10 s"):
            walk.table(Port)


def test_scalars_of_an_agent_that_answers_one_at_a_time() -> None:
    def say(oid: str, _: int) -> list[tuple[str, Any]] | None:
        return [(oid, integer(5))]

    with walking(say) as (walk, _):
        found = walk.scalars(System)

    assert found["1.3.6.1.2.1.1.3"] == {"0": 5}


def test_a_silent_agent_fails_scalars() -> None:
    with walking(lambda _, __: None, seconds=0.1) as (walk, agent):
        with pytest.raises(Failed, match="no answer to 3 questions"):
            walk.scalars(System)
        assert len(agent.asked) == 3


def test_a_table_of_one_vlan_is_asked_in_a_session_of_its_own() -> None:
    with (
        walking(lambda oid, most: ifdescr(3, after=oid, most=most)) as (walk, whole),
        Agent(lambda oid, most: ifdescr(2, after=oid, most=most)) as vlan,
    ):
        own = walk.session
        walk.aside = lambda _: V2cSession("127.0.0.1", vlan.port, Community(Secret("public@10")), 0.3)

        assert len(rows(Port, walk.in_vlan(10, [Port]))) == 2
        assert walk.session is own
        assert whole.asked == []
        assert len(rows(Port, walk.table(Port))) == 3


def test_a_device_that_is_silent_to_a_vlan_is_asked_on() -> None:
    with walking(lambda oid, most: ifdescr(3, after=oid, most=most)) as (walk, _):
        with pytest.raises(Failed, match="no way"):
            walk.in_vlan(10, [Port])
        walk.aside = lambda _: V2cSession("127.0.0.1", free_port(), Community(Secret("public@10")), 0.05)
        for _ in range(GONE):
            with pytest.raises(Failed):
                walk.in_vlan(10, [Port])

        assert len(rows(Port, walk.table(Port))) == 3
