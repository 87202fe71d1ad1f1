"""Sessions by pysnmp."""

from __future__ import annotations

from collector.snmp.pysnmp_engine import PysnmpSession
from tests.collector.snmp.engine_conformance import UserConformance


class TestPysnmpSession(UserConformance):
    engine = PysnmpSession
