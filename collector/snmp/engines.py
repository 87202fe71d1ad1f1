"""What speaks with an agent: our own code with a community, else gufo-snmp where it is there and can, else pysnmp."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

from cmdb.model.errors import UsageError
from collector.snmp import v2c_engine
from collector.snmp.session import Community, Session, User

AUTO, GUFO, PYSNMP = "auto", "gufo", "pysnmp"
ENGINES = (AUTO, GUFO, PYSNMP)

Open = Callable[[str, int, Community | User, float], Session]
"""Opens a session: address, port, login, and how long one answer may take in seconds."""


@cache
def _engine(module: str) -> Any:
    """The module of an engine; None where its library is not installed, or does not run here."""
    try:
        return import_module(f"collector.snmp.{module}")
    except ImportError:
        return None


def ready(choice: str) -> None:
    """Raises UsageError where a chosen engine is not there."""
    if choice == GUFO and _engine("gufo_engine") is None:
        raise UsageError("gufo-snmp is not installed; install it, or leave out --snmp-engine: pysnmp does the same.")
    if choice != GUFO and _engine("pysnmp_engine") is None:
        raise UsageError("pysnmp is not installed; `script/up` installs what the lock names.")


def engines(choice: str, login: Community | User) -> list[Open]:
    """What opens sessions for a login, the next where one fails in a way that may be its own."""
    found: list[Open] = []
    if choice == AUTO and v2c_engine.speaks(login):
        found.append(v2c_engine.V2cSession)
    gufo = _engine("gufo_engine") if choice != PYSNMP else None
    if gufo is not None and (choice == GUFO or gufo.speaks(login)):
        found.append(gufo.GufoSession)
    if choice != GUFO:
        found.append(_engine("pysnmp_engine").PysnmpSession)
    return found
