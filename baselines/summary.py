"""A few lines of plain text about a record, to be pasted into the ticket: what was pinned, and what it says in numbers.

Titles and names come from people and hosts and may hold anything: characters that control a terminal or turn the
direction of text are shown as their code point, and long ones are cut, so that a name never makes a line of its own.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from baselines.documents import Document, read
from cmdb.model.errors import NotFoundError
from cmdb.model.relationship_types import LEVELS
from cmdb.ports import View

PINS = 6
_NAMES = 5
_LENGTH = 100
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def summary_of(view: View, record: Document) -> str:
    """At most 25 lines, ending with a line feed, of a record as `records.show` gives it."""
    title = f": {visible(record['title'])}" if record["title"] else ""
    lines = [f"{record['kind'].capitalize()} {visible(record['key'])}{title}"]
    if record["link"]:
        lines.append(visible(record["link"], 300))
    window = record["window"]
    if window["start"] or window["end"]:
        lines.append(f"Window: {window['start'] or 'open'} to {window['end'] or 'open'} (end exclusive)")
    lines.append(f"Affects: {_listed(record['affects'])}")
    if not record["pins"]:
        lines.append("Nothing is pinned.")
    for pin in record["pins"][:PINS]:
        lines += _pinned(view, pin)
    if len(record["pins"]) > PINS:
        lines.append(f"and {len(record['pins']) - PINS} more pins")
    return "\n".join(lines) + "\n"


def visible(written: str, length: int = _LENGTH) -> str:
    """The text on one line, cut, with nothing in it that acts on a terminal."""
    cut = written if len(written) <= length else written[: length - 1] + "\u2026"
    return "".join(f"<U+{ord(c):04X}>" if unicodedata.category(c) in _UNSEEN else c for c in cut)


def _pinned(view: View, pin: Mapping[str, str]) -> list[str]:
    try:
        document = read(view, pin["digest"])
    except NotFoundError:
        return [f"{pin['kind'].capitalize()}: the document is not in this store", f"  sha256 {pin['digest']}"]
    told = {"impact": _impact, "drift": _drift, "baseline": _baseline}[pin["kind"]](document)
    return [f"{pin['kind'].capitalize()} {told}", f"  sha256 {pin['digest']}", f"  {pin['permalink']}"]


def _impact(report: Document) -> str:
    counts = Counter(row["level"] for row in report["impacted"])
    told = ", ".join(f"{counts[level]} {level.replace('_', ' ')}" for level in reversed(LEVELS) if counts[level])
    whole = "complete" if report["complete"] else f"NOT complete, {report['left_out']} more are reached"
    reached = f"{len(report['impacted'])} impacted" + (f" ({told})" if told else "")
    return f"of {_listed(report['seeds'])}: {reached}, {whole}, revision {report['revision']}"


def _drift(report: Document) -> str:
    counts = Counter(deviation["kind"] for deviation in report["deviations"])
    told = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in sorted(counts.items()))
    left_out = f", {report['left_out']} left out with their whole" if report["left_out"] else ""
    findings = f"{report['findings']} findings" + (f" ({told})" if told else "")
    return f"from baseline {visible(report['baseline'])}: {findings}{left_out}, revision {report['revision']}"


def _baseline(header: Document) -> str:
    counts = dict(header["counts"])
    relations = counts.pop("relations", 0)
    scope = f"scope {visible(header['scope'])}" if header["scope"] else "everything"
    told = f"{sum(counts.values())} CIs and {relations} relations, {scope}"
    return f"{visible(header['name'])}: {told}, revision {header['revision']}"


def _listed(rows: Sequence[Mapping[str, Any]]) -> str:
    shown = ", ".join(f"{row['class']} {visible(row['name'])}" for row in rows[:_NAMES])
    return (shown or "nothing") + (f" and {len(rows) - _NAMES} more" if len(rows) > _NAMES else "")
