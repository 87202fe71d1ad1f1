"""Sessions by gufo-snmp."""

from __future__ import annotations

import pytest

from collector.snmp.gufo_engine import GufoSession, speaks
from collector.snmp.session import TooBig, User
from tests.collector.snmp.agents import Agent, octets
from tests.collector.snmp.engine_conformance import COLUMN, PUBLIC, STRONG, UserConformance


class TestGufoSession(UserConformance):
    engine = GufoSession


def test_an_answer_that_the_library_can_not_hold_is_too_big() -> None:
    rows = [(f"{COLUMN}.{number}", octets(b"x" * 250)) for number in range(1, 26)]
    with Agent(lambda _, most: rows[:most]) as agent:
        session = GufoSession("127.0.0.1", agent.port, PUBLIC, 5.0)
        columns = session.columns([COLUMN])
        with pytest.raises(TooBig):
            columns.next(25)
        (found,) = columns.next(12)
        session.close()

    assert len(found) == 12


def test_it_knows_no_contexts() -> None:
    assert speaks(PUBLIC)
    assert speaks(STRONG)
    assert not speaks(User("u", context="vlan-5"))
