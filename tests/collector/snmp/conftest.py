"""A real snmpd for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.collector.snmp.agents import snmpd


@pytest.fixture(scope="session")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of an snmpd at 127.0.0.1."""
    with snmpd(tmp_path_factory.mktemp("snmpd")) as found:
        yield found
