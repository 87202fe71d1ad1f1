"""What a person sees of a sweep: a bar while it is under way, and at its end a table with reasons and remedies."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from api.encoders import visible
from collector.outcome import DONE, LOOKED_AT, SAME_HOST
from collector.target import SSH

if TYPE_CHECKING:
    from agent.terminal import Terminal
    from collector.outcome import TargetOutcome
    from collector.runner import Standing

BAR = 24
SHOWN = 200
"""Rows that are listed at the end; `sweep show --all` has each target for itself."""
READ = 10_000
"""Targets that are read for them."""
FEW = 3
"""More than so many that ended alike are one row."""
CELL = 300


class Watching:
    """A bar with counts by outcome on a terminal, else a line for each target and, every ten
    seconds, one with the counts."""

    EVERY_SECONDS = 10.0

    def __init__(self, io: Terminal, already: int = 0) -> None:
        self._io = io
        self._already = already
        self._bar = sys.stderr.isatty()
        self._said_at = time.monotonic()

    def stands(self, standing: Standing) -> None:
        """How it stands now."""
        text = f"{standing.ended} of {standing.total}"
        told = ", ".join(f"{count} {outcome.replace('_', ' ')}" for outcome, count in standing.counts.items())
        if self._bar:
            filled = BAR * standing.ended // max(1, standing.total)
            self._io.progress(f"[{'#' * filled}{'.' * (BAR - filled)}] {text}, {standing.busy} under way: {told}")
        elif time.monotonic() - self._said_at >= self.EVERY_SECONDS:
            self._said_at = time.monotonic()
            self._io.say(f"{text}, {standing.busy} under way: {told}")

    def ended(self, ended: Iterable[tuple[int, TargetOutcome]]) -> None:
        """These targets ended."""
        if self._bar:
            return
        for _, one in ended:
            where = "" if one.target == one.address else f" ({one.address})"
            phase = f" in {one.phase}" if one.phase and one.outcome != DONE else ""
            reason = f": {one.reason}" if one.reason else ""
            by = "" if one.protocol == SSH else f" by {one.protocol.upper()}"
            line = f"{one.target}{where}{by}: {one.outcome.replace('_', ' ')}{phase}, {one.seconds:.1f} s{reason}"
            self._io.say(line[:CELL])


def read(
    pages: Iterable[Mapping[str, Any]], every: bool = False
) -> tuple[Mapping[str, Any], list[Mapping[str, Any]], bool]:
    """A sweep with how often each weak algorithm was in use ("weak"), the rows of it that a person is shown, and whether there
    may be more: those that were not looked at whole or are in conflict, or with `every` all."""
    found: dict[str, Any] = {}
    rows: list[Mapping[str, Any]] = []
    for page in pages:
        found = found or {**page, "weak": Counter()}
        found["weak"].update(word for row in page["targets"] for word in row.get("weak", ()))
        rows += [row for row in page["targets"] if every or _asks(row)]
        if len(rows) >= READ:
            return found, rows, page["next"] is not None
    return found, rows, False


def summary(
    found: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], io: Terminal, every: bool = False, more: bool = False
) -> None:
    """A sweep and its targets for a person: those that ask for attention, or with `every` all; `more` where there are others that
    were not read."""
    shown = [row for row in rows if every or _asks(row)]
    groups = [[row] for row in shown] if every else _alike(shown)
    table = [
        (
            _named(group),
            group[0]["outcome"].replace("_", " "),
            group[0]["phase"] if group[0]["outcome"] != DONE else "",
            group[0]["ci"] or "",
            f"{group[0]['seconds']:.1f}",
            _sentence(group[0]),
        )
        for group in groups[: READ if every else SHOWN]
    ]
    io.table(("target", "outcome", "phase", "item", "s", "reason and remedy"), table)
    if table:
        io.line()
    counts = found["counts"]
    told = [f"{count} {visible(outcome.replace('_', ' '))}" for outcome, count in sorted(counts.items(), key=_first)]
    waiting = found["waiting"]
    told += [f"{waiting} not begun"] if waiting else []
    io.line(f"Sweep {found['sweep']}, {found['state']}: {found['total']} targets, {', '.join(told) or 'none of them'}.")
    if conflicts := sum(1 for row in rows if row.get("conflicts")):
        count = f"{'At least ' if more else ''}{conflicts} target{'s are' if conflicts > 1 else ' is'} in conflict"
        io.line(f"{count}: `surveymark conflict list` names what is open, `conflict show N` the ways to resolve it.")
    if weak := found.get("weak"):
        told = [
            f"{count} {visible(word)}" for word, count in sorted(weak.items(), key=lambda pair: (-pair[1], pair[0]))
        ]
        io.line(f"Weak algorithms in use, by targets: {'at least ' if more else ''}{', '.join(told)}.")
    for event in found.get("events", ()):
        io.line(f"Host key changed at {visible(event['target'])}: {visible(event['reason'])}")


def _asks(row: Mapping[str, Any]) -> bool:
    """Whether a target asks for attention."""
    return row["outcome"] not in LOOKED_AT or bool(row.get("conflicts"))


def _alike(rows: Iterable[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Rows in order; many that ended alike for the same reason, as the silent addresses of a network do, together."""
    found: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        alike = (row["outcome"], row["phase"], row["reason"], row["remedy"], row["ci"] or "", row.get("protocol", SSH))
        found.setdefault(alike, []).append(row)
    return [part for group in found.values() for part in ([group] if len(group) > FEW else [[row] for row in group])]


def _named(group: Sequence[Mapping[str, Any]]) -> str:
    first = group[0]
    name = first["target"] if first["target"] == first["address"] else f"{first['target']} ({first['address']})"
    name += "" if first.get("protocol", SSH) == SSH else f" by {visible(first['protocol'].upper())}"
    return f"{name} and {len(group) - 1} more" if len(group) > 1 else str(name)


def _first(pair: tuple[str, int]) -> tuple[int, int, str]:
    """What was looked at first, then the most frequent."""
    outcome, count = pair
    return (0 if outcome == DONE else 1 if outcome == SAME_HOST else 2, -count, outcome)


def _sentence(row: Mapping[str, Any]) -> str:
    """Reason and remedy as one text."""
    reason, remedy = str(row["reason"]).rstrip("."), str(row["remedy"])
    return "; ".join(part for part in (reason, f"remedy: {remedy}" if remedy else "") if part)[: 2 * CELL]
