"""A short plain text of an impact report, to be pasted into a ticket.

Names come from hosts and may hold anything: characters that control a terminal or turn the direction of text are shown
as their code point, and long names are cut, so that a name never makes a line of its own.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import Any

from cmdb.impact import ImpactReport
from cmdb.model.relationship_types import LEVELS

LINES_A_LEVEL = 20
_NAME = 100
_NOTE = 300
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def summary(report: ImpactReport) -> str:
    """At most a few lines for what was asked and 20 for each level, ending with a line feed."""
    lines = [f"Impact of {_list(report.seeds)}, revision {report.revision}"]
    if report.down:
        lines.append(f"With {_list(report.down)} down already")
    counts = Counter(row["level"] for row in report.impacted)
    told = ", ".join(f"{counts[level]} {_words(level)}" for level in reversed(LEVELS) if counts[level])
    lines.append(f"Impacted: {len(report.impacted)} ({told})" if told else "Impacted: nothing that is known")
    for level in reversed(LEVELS):
        rows = [row for row in report.impacted if row["level"] == level]
        if rows:
            lines += ["", _words(level).capitalize()]
            lines += [f"- {_impacted(row)}" for row in rows[:LINES_A_LEVEL]]
        if len(rows) > LINES_A_LEVEL:
            lines.append(f"- and {len(rows) - LINES_A_LEVEL} more")
    lines.append("")
    lines += [f"Not followed: {_item(row)}: {row['reason']}" for row in report.outside[:LINES_A_LEVEL]]
    if len(report.outside) > LINES_A_LEVEL:
        lines.append(f"Not followed: {len(report.outside) - LINES_A_LEVEL} more")
    lines += [_plain(note, _NOTE) for note in report.notes[:LINES_A_LEVEL]]
    if len(report.notes) > LINES_A_LEVEL:
        lines.append(f"And {len(report.notes) - LINES_A_LEVEL} more that are not known")
    if report.complete:
        lines.append(f"Complete: every known dependency {'of the others ' if report.outside else ''}was followed.")
    else:
        lines.append(f"NOT complete: {report.left_out} more are reached, beyond {_list(report.frontier)}.")
    return "\n".join(lines) + "\n"


def _impacted(row: dict[str, Any]) -> str:
    on = f" on {_plain(row['on_name'])}" if row["on_name"] is not None else ""
    return f"{_item(row)}{on}: {row['rule']}"


def _list(rows: list[dict[str, Any]]) -> str:
    shown = ", ".join(_item(row) for row in rows[:5])
    return shown + (f" and {len(rows) - 5} more" if len(rows) > 5 else "")


def _item(row: dict[str, Any]) -> str:
    return f"{row['class']} {_plain(row['name'])}"


def _words(level: str) -> str:
    return level.replace("_", " ")


def _plain(name: str, most: int = _NAME) -> str:
    cut = name if len(name) <= most else name[: most - 1] + "\u2026"
    return "".join(f"<U+{ord(c):04X}>" if unicodedata.category(c) in _UNSEEN else c for c in cut)
