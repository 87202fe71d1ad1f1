"""What would leave this host, printed: every byte of it, and what it cost."""

from __future__ import annotations

import json
import sys

from agent.discovery import lines
from agent.report import Report
from agent.terminal import Terminal
from agent.visible import table, visible_json


def print_report(found: Report, io: Terminal) -> None:
    """Every byte that would leave to standard output, what it cost to standard error; on a terminal control characters
    stand as escapes, which mean the same."""
    leaving = lines(found)
    if io.as_json:
        io.document({"lines": [json.loads(line) for line in leaving], "bytes": sum(map(len, leaving))})
        return
    for line in leaving:
        if sys.stdout.isatty():
            io.line(visible_json(line.decode().rstrip("\n")))
        else:
            sys.stdout.buffer.write(line)
    sys.stdout.flush()
    costs = [(s, s.cost) for s in found.sections]
    rows = [
        (s.name, s.outcome, f"{c['wall_seconds']:.3f}", f"{c['cpu_seconds']:.3f}", c["bytes"], s.reason)
        for s, c in costs
    ]
    sys.stderr.write(table(("section", "outcome", "wall s", "cpu s", "bytes read", "reason"), rows) + "\n")
    wall, cpu = (sum(c[name] for _, c in costs) for name in ("wall_seconds", "cpu_seconds"))
    io.say(f"{len(rows)} sections, {sum(map(len, leaving))} bytes would leave; {wall:.2f} s, {cpu:.2f} s of CPU.")


def failures(found: Report) -> list[str]:
    """A sentence for every section that failed."""
    return [f"{s.name}: {s.reason}" for s in found.sections if s.outcome == "failed"]
