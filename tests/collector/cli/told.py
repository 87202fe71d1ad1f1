"""Answers by hand for the tests of systems."""

from __future__ import annotations

from typing import Any

from agent.fact import Collected
from cmdb.model.classes.network_interface import NetworkInterface
from cmdb.model.declaration import CI, Relation
from collector.cli.answers import Answers, Reply
from collector.cli.system import System
from collector.device.surveyed import Surveyed


def answers(**told: Any) -> Answers:
    """Texts and JSON by question; an Exception's message is a failure."""
    return Answers({name: _reply(told_) for name, told_ in told.items()}, "switch")


def _reply(told: Any) -> Reply:
    if isinstance(told, Reply):
        return told
    return Reply(text=told) if isinstance(told, str) else Reply(data=told)


REFUSED = Reply(failure="'show that' was refused: % Invalid command", refused=True)
LATE = Reply(failure="'show that' did not end within 30 s")


def surveyed(system: System, /, **told: Any) -> Surveyed:
    return system.survey(answers(**told))


def items(found: Surveyed, section: str) -> list[CI]:
    """Items of a collected section."""
    outcome = {r.section: r.outcome for r in found.sections}[section]
    assert isinstance(outcome, Collected), outcome
    return outcome.items


def relations(found: Surveyed, section: str) -> list[Relation]:
    outcome = {r.section: r.outcome for r in found.sections}[section]
    assert isinstance(outcome, Collected), outcome
    return outcome.relations


def outcomes(found: Surveyed) -> dict[str, str]:
    return {r.section: type(r.outcome).__name__ for r in found.sections}


def interfaces(found: Surveyed, section: str = "interfaces") -> dict[str, NetworkInterface]:
    return {i.name or "": i for i in items(found, section) if isinstance(i, NetworkInterface)}
