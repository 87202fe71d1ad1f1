"""Sessions by gufo-snmp."""

from __future__ import annotations

from collector.snmp.gufo_engine import GufoSession, speaks
from collector.snmp.session import User
from tests.collector.snmp.engine_conformance import PUBLIC, STRONG, EngineConformance


class TestGufoSession(EngineConformance):
    engine = GufoSession


def test_it_knows_no_contexts() -> None:
    assert speaks(PUBLIC)
    assert speaks(STRONG)
    assert not speaks(User("u", context="vlan-5"))
