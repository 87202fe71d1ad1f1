"""Which library speaks with an agent."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from cmdb.model.errors import UsageError
from collector.secret import Secret
from collector.snmp import engines
from collector.snmp.session import Community, User

PUBLIC = Community(Secret("public"))


def names(choice: str, login: Community | User = PUBLIC) -> list[str]:
    return [each.__name__ for each in engines.engines(choice, login)]


@pytest.fixture
def without_gufo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As if gufo-snmp were not installed."""
    engines._engine.cache_clear()
    for name in [n for n in sys.modules if n == "gufo" or n.startswith(("gufo.", "collector.snmp.gufo_engine"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "gufo", None)
    yield
    engines._engine.cache_clear()


def test_the_quick_one_comes_first_and_the_other_stands_behind_it() -> None:
    assert names("auto") == ["V2cSession", "GufoSession", "PysnmpSession"]
    assert names("auto", User("u")) == ["GufoSession", "PysnmpSession"]
    assert names("auto", User("u", context="vrf")) == ["PysnmpSession"]
    assert names("gufo") == ["GufoSession"]
    assert names("pysnmp") == ["PysnmpSession"]


def test_it_works_without_gufo(without_gufo: None) -> None:
    assert names("auto") == ["V2cSession", "PysnmpSession"]
    assert names("auto", User("u")) == names("pysnmp") == ["PysnmpSession"]
    engines.ready("auto")
    with pytest.raises(UsageError, match="gufo-snmp is not installed"):
        engines.ready("gufo")
