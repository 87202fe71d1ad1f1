"""What one look at this machine costs, as whole processes.

    python -m benchmarks.agent [--runs 5]

Prints for `surveymark agent once --print` and for `script/up --once` (a new store; the same again, nothing changed) wall and CPU
seconds, those of ended children included, and peak memory of the process (VmHWM of proc_pid_status(5), looked at every 5 ms);
beside it an empty Python as the floor, and the tools that tell people part of the same. Then the cost of each fact, as the agent
itself counts it. What two facts need counts for the first of them.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SURVEYMARK = str(Path(sys.executable).with_name("surveymark"))
TOOLS = ("dpkg-query -W", "getent passwd", "ss -Htunap", "ip -d address", "findmnt -J", "ps -eo pid,args")
GOAL_UP_SECONDS = 10
_FEWEST_LOOKS = 4
"""What ends before is not seen at its peak."""


@dataclass(frozen=True)
class Cost:
    """Of one process from start to end: seconds, and peak bytes of memory, 0 where it ended before that was seen."""

    wall: float
    cpu: float
    peak: int


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory(prefix="surveymark-bench-") as folder:
        place = Path(folder)
        look = [SURVEYMARK, "agent", "once", "--print"]
        told = _told([*look, "--json"], place / "state")
        items = sum(len(line.get("items", ())) for line in told["lines"][1:])
        print(f"{runs} runs; {items} items, {told['bytes']} bytes would leave; medians, least wall in brackets")
        print(f"  {'':40} {'wall s':>16} {'cpu s':>8} {'peak MiB':>9}")
        floor = _row("python -c pass", runs, [sys.executable, "-c", "pass"], place)
        tools = [_row(tool, runs, tool.split(), place) for tool in TOOLS]
        agent = _row("surveymark agent once --print", runs, look, place)
        up = [str(ROOT / "script/up"), "--once"]
        new = _row("script/up --once, new store", runs, up, place, fresh=True)
        again = _row("script/up --once, nothing changed", runs, up, place)
        sections = [_sections(_told([*look, "--json"], place / "state")) for _ in range(runs)]
    print(
        f"agent / empty Python                   wall {agent.wall / floor.wall:6.1f}   cpu {agent.cpu / floor.cpu:6.1f}"
    )
    wall, cpu = sum(t.wall for t in tools), sum(t.cpu for t in tools)
    print(
        f"agent / {len(tools)} tools one by one              wall {agent.wall / wall:6.1f}   cpu {agent.cpu / cpu:6.1f}"
    )
    print(f"script/up --once, new store            {new.wall:8.2f} s   goal < {GOAL_UP_SECONDS} s")
    print(f"script/up --once, nothing changed      {again.wall:8.2f} s   goal < {GOAL_UP_SECONDS} s")
    print(f"  {'fact':20} {'wall ms':>8} {'cpu ms':>8} {'bytes read':>11}")
    for name in sections[0]:
        cost = {key: statistics.median(run[name][key] for run in sections) for key in sections[0][name]}
        wall, cpu = cost["wall_seconds"] * 1000, cost["cpu_seconds"] * 1000
        print(f"  {name:20} {wall:8.1f} {cpu:8.1f} {cost['bytes']:11.0f}")


def _row(name: str, runs: int, command: Sequence[str], place: Path, fresh: bool = False) -> Cost:
    """Measure and print one command; with `fresh` each run has a state folder of its own."""
    costs = [_cost(command, place / f"state-{number}" if fresh else place / "state") for number in range(runs)]
    middle = Cost(
        statistics.median(c.wall for c in costs),
        statistics.median(c.cpu for c in costs),
        int(statistics.median(c.peak for c in costs)),
    )
    wall = f"{middle.wall:.3f} ({min(c.wall for c in costs):.3f})"
    peak = f"{middle.peak / 2**20:.1f}" if middle.peak else "-"
    print(f"  {name:40} {wall:>16} {middle.cpu:8.3f} {peak:>9}")
    return middle


def _cost(command: Sequence[str], state: Path) -> Cost:
    begin = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=_environment(state)
    )
    peaks: list[int] = []
    watching = threading.Thread(target=_watch, args=(process.pid, peaks), daemon=True)
    watching.start()
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    watching.join()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: exit {process.returncode}")
    # Not ru_maxrss: it counts what the process was forked from as well.
    return Cost(wall, used.ru_utime + used.ru_stime, max(peaks) if len(peaks) >= _FEWEST_LOOKS else 0)


def _watch(pid: int, peaks: list[int]) -> None:
    """Note VmHWM until the process has ended; a process that execs begins anew, so the greatest counts."""
    while True:
        try:
            text = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            return
        line = next((line for line in text.splitlines() if line.startswith("VmHWM:")), None)
        if line is None:  # ended, not waited for
            return
        peaks.append(int(line.split()[1]) * 1024)
        time.sleep(0.005)


def _told(command: Sequence[str], state: Path) -> dict[str, Any]:
    done = subprocess.run(command, capture_output=True, check=True, env=_environment(state))
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _sections(told: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Cost by fact."""
    return {line["section"]: line["cost"] for line in told["lines"] if "section" in line}


def _environment(state: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SURVEYMARK_")}
    return {**kept, "SURVEYMARK_STATE": str(state)}


if __name__ == "__main__":
    main()
