"""The systems whose command lines are known."""

from __future__ import annotations

from collector.cli import eos, junos, linux, nxos
from collector.cli.system import System

SYSTEMS: tuple[System, ...] = (eos.SYSTEM, junos.SYSTEM, linux.SYSTEM, nxos.SYSTEM)


def by_kind(kind: str) -> System | None:
    """The system of a recording that calls itself so (junos-qfx), None where none is known."""
    low = kind.strip().lower()
    return next((system for system in SYSTEMS if low.startswith(system.kinds)), None)
