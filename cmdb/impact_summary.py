"""A short plain text of an impact report, to be pasted into a ticket.

Names come from hosts and may hold anything: characters that control a terminal or turn the direction of text are shown
as their code point, and long names are cut, so that a name never makes a line of its own.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import Any

from cmdb.impact import ImpactReport
from cmdb.impact_order import Line, lines
from cmdb.model.relationship_types import LEVELS

LINES_A_LEVEL = 20
_NAME = 100
_NOTE = 300
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def summary(report: ImpactReport) -> str:
    """At most a few lines for what was asked and 20 for each level, ending with a line feed."""
    told_rows = lines(report.impacted)
    found = [f"Impact of {_list(report.seeds)}, revision {report.revision}"]
    if report.down:
        found.append(f"With {_list(report.down)} down already")
    counts = Counter(row["level"] for row in report.impacted)
    told = ", ".join(f"{counts[level]} {_words(level)}" for level in reversed(LEVELS) if counts[level])
    found.append(f"Impacted: {len(report.impacted)} ({told})" if told else "Impacted: nothing that is known")
    for level in reversed(LEVELS):
        rows = [line for line in told_rows if line.row["level"] == level]
        if rows:
            found += ["", _words(level).capitalize()]
            found += [f"- {_impacted(line)}" for line in rows[:LINES_A_LEVEL]]
        if len(rows) > LINES_A_LEVEL:
            found.append(f"- and {sum(line.count for line in rows[LINES_A_LEVEL:])} more")
    found.append("")
    found += [f"Not followed: {_item(row)}: {row['reason']}" for row in report.outside[:LINES_A_LEVEL]]
    if len(report.outside) > LINES_A_LEVEL:
        found.append(f"Not followed: {len(report.outside) - LINES_A_LEVEL} more")
    found += [_plain(note, _NOTE) for note in report.notes[:LINES_A_LEVEL]]
    if len(report.notes) > LINES_A_LEVEL:
        found.append(f"And {len(report.notes) - LINES_A_LEVEL} more that are not known")
    if report.complete:
        found.append(f"Complete: every known dependency {'of the others ' if report.outside else ''}was followed.")
    else:
        found.append(f"NOT complete: {report.left_out} more are reached, beyond {_list(report.frontier)}.")
    return "\n".join(found) + "\n"


def _impacted(line: Line) -> str:
    row = line.row
    on = f" on {_plain(row['on_name'])}" if row["on_name"] is not None else ""
    what = _item(row) if line.count == 1 else f"{line.count} of class {row['class']}"
    return f"{what}{on}: {row['rule']}"


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
