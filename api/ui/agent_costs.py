"""What the sections of one agent's host cost when they were last looked at, the dearest first, and which were not seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cmdb.identify import IDENTITY
from cmdb.states import Scope

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Row:
    """A section. Costs are texts, empty where the agent did not say."""

    section: str
    outcome: str
    reason: str
    seen_at: int
    cpu: str
    wall: str
    memory: str
    bytes: str


def rows(scopes: Iterable[Scope]) -> list[Row]:
    """One for each section: those that failed, then by the CPU that they took."""
    found = [scope for scope in scopes if scope.section != IDENTITY]
    found.sort(key=lambda s: (s.outcome != "failed", -(_number(s.cost, "cpu_seconds") or 0), s.section))
    return [_row(scope) for scope in found]


def _row(scope: Scope) -> Row:
    cpu, wall = _number(scope.cost, "cpu_seconds"), _number(scope.cost, "wall_seconds")
    memory, size = _number(scope.cost, "peak_memory_bytes"), _number(scope.cost, "bytes")
    return Row(
        scope.section,
        scope.outcome,
        scope.reason,
        scope.seen_at,
        "" if cpu is None else f"{cpu:.3f} s",
        "" if wall is None else f"{wall:.3f} s",
        "" if not memory else f"{memory / _MIB:.1f} MiB",
        "" if size is None else f"{size:,.0f}",
    )


def _number(cost: dict[str, Any], name: str) -> float | None:
    """A cost as the agent told it, which may be any number."""
    found = cost.get(name)
    return float(found) if isinstance(found, (int, float)) and 0 <= found < 1e15 else None
