"""How the targets of a sweep ended, as a bar of parts whose widths are their shares. Pure; the template makes SVG of it.

Lengths are in SVG user units.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

WIDTH = 1000
LEAST = 4
"""What is there at all can be seen."""
WAITING = "waiting"

TONES = {"done": "good", "same_host": "good", "partly": "part", WAITING: "none", "interrupted": "none"}
"""Every other outcome asks for attention, "bad"."""
ORDER = ("done", "same_host", "partly")


@dataclass(frozen=True, slots=True)
class Part:
    """One outcome: how many, in words, in which tone, and where its part of the bar lies."""

    outcome: str
    label: str
    count: int
    tone: str
    x: int
    width: int


def parts(counts: Mapping[str, int], waiting: int) -> list[Part]:
    """What was looked at first, then the most frequent, what waits at the end."""
    named = sorted(counts, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), -counts[name], name))
    every = [(name, counts[name]) for name in named if counts[name]] + ([(WAITING, waiting)] if waiting > 0 else [])
    total = sum(count for _, count in every)
    spare = WIDTH - LEAST * len(every)
    found, x, seen = [], 0, 0
    for number, (name, count) in enumerate(every, 1):
        seen += count
        end = LEAST * number + spare * seen // total
        found.append(Part(name, label(name), count, tone(name), x, end - x))
        x = end
    return found


def tone(outcome: str) -> str:
    """good, part, none or bad."""
    return TONES.get(outcome, "bad")


def label(outcome: str) -> str:
    """An outcome in words."""
    return "not begun" if outcome == WAITING else outcome.replace("_", " ")
