"""A real snmpd, asked over the wire by each engine, and the same answers from memory."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent.fact import Collected, Failed
from collector.secret import Secret
from collector.snmp.device import survey
from collector.snmp.gufo_engine import GufoSession
from collector.snmp.pace import Pace
from collector.snmp.pysnmp_engine import PysnmpSession
from collector.snmp.session import Community, Session
from collector.snmp.v2c_engine import V2cSession
from collector.snmp.walk import Walk

ENGINES: dict[str, Callable[..., Session]] = {"v2c": V2cSession, "gufo": GufoSession, "pysnmp": PysnmpSession}


@pytest.mark.parametrize("engine", sorted(ENGINES))
def test_a_real_agent_is_surveyed_as_what_it_is(engine: str, port: int) -> None:
    session = ENGINES[engine]("127.0.0.1", port, Community(Secret("public")), 5.0)
    walk = Walk(session, Pace(5000, sleep=lambda _: None))  # a busy machine is no slow agent

    surveyed = survey(walk)
    session.close()

    assert [r.section for r in surveyed.sections if isinstance(r.outcome, Failed)] == []
    found = {r.section: r.outcome for r in surveyed.sections}
    device, interfaces = found["device"], found["interfaces"]
    assert isinstance(device, Collected)
    assert isinstance(interfaces, Collected)
    (subject,) = device.items
    assert getattr(subject, "name", None) == "recorder"
    assert "lo" in {getattr(item, "name", None) for item in interfaces.items}
    assert sum(cost.responses for cost in walk.costs.values()) < 200
    assert all(r.cost.wall_seconds >= 0 for r in surveyed.sections)
