"""A drift report (architecture.md section 5) for people: counted by kind, one kind or all of them, a page at a time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from api.ui import words

ROWS = 200
KINDS = ("removed", "changed", "added", "renewed", "not_comparable")
"""In the order of how much they ask for attention; further ones come behind, by name."""


@dataclass(slots=True)
class Row:
    """A deviation; `before` and `after` are None where absent, and both are where something came or went."""

    deviation: dict[str, Any]
    before: words.Field | None
    after: words.Field | None

    @property
    def attribute(self) -> str:
        name = self.deviation.get("attribute")
        return words.attribute_label(name) if name else ""


@dataclass(slots=True)
class Told:
    """One page of the deviations of `kind` ("" for all of them). `counts` are of the whole report."""

    report: dict[str, Any]
    kind: str
    counts: dict[str, int]
    rows: list[Row]
    total: int
    next: int | None


def told(report: dict[str, Any], kind: str, start: int) -> Told:
    """Rows from `start` on."""
    found = Counter(d["kind"] for d in report["deviations"])
    order = [*(k for k in KINDS if k in found), *sorted(set(found) - set(KINDS))]
    wanted = [d for k in order for d in report["deviations"] if d["kind"] == k and (not kind or k == kind)]
    more = start + ROWS if start + ROWS < len(wanted) else None
    rows = [Row(d, _side(d, "before"), _side(d, "after")) for d in wanted[start : start + ROWS]]
    return Told(report, kind, {k: found[k] for k in order}, rows, len(wanted), more)


def _side(deviation: dict[str, Any], side: str) -> words.Field | None:
    value, name = deviation.get(side), deviation.get("attribute")
    if value is None or not name:
        return None
    class_name = "" if deviation.get("relation") else deviation["class"]
    return words.field(class_name, name, value)
