"""Plans of tests, with a few names that stand for addresses."""

from __future__ import annotations

from typing import Any

from collector.plan import Plan, plan

NAMES = {
    "web": ["10.0.0.1"],
    "www": ["10.0.0.1"],
    "db": ["10.0.0.2", "fd00::2"],
    "db-again": ["fd00::2", "10.0.0.2"],
    "mixed": ["192.0.2.1", "10.0.0.3"],
    "outside": ["192.0.2.1", "2001:db8::1"],
    "jump": ["10.9.0.1"],
    "far-jump": ["192.0.2.9"],
}


def look(name: str) -> list[str]:
    if name not in NAMES:
        raise OSError("no such name")
    return NAMES[name]


def made(*words: str, **settings: Any) -> Plan:
    return plan(words, look=look, **settings)
