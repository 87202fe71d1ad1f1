"""What the agent costs, as whole processes, beside tools that tell people part of the same.

    python -m benchmarks.agent [--runs 5] [--idle 120] [--skip-up]

`once --print` from a cold start (bytecode and the system's cache are warm) in turns with fusioninventory-agent's local inventory
and facter, as Debian packages them: wall and CPU seconds, those of ended children included, and peak memory of the process (VmHWM
of proc_pid_status(5), looked at every 5 ms). Then what a resident agent costs and sends (resident_agent.py), with its goals. What
each of the three covers is taken from what it told. Then `script/up --once`, and the cost of each fact as the agent itself counts
it; what two facts need counts for the first of them.

The agent runs on the system's own Python where that is there, as it does on hosts.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
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

from benchmarks.resident_agent import Resident, measure

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ("dpkg-query -W", "getent passwd", "ss -Htunap", "ip -d address", "findmnt -J", "ps -eo pid,args")
PEERS = ("fusioninventory-inventory", "facter --json")
SYSTEM_PYTHON = "/usr/bin/python3"
GOAL_UP_SECONDS = 10
_FEWEST_LOOKS = 4
"""What ends before is not seen at its peak."""


@dataclass(frozen=True)
class Cost:
    """Of one process from start to end: seconds, and peak bytes of memory, 0 where it ended before that was seen."""

    wall: float
    cpu: float
    peak: int
    status: int = 0


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument(
        "--idle", type=float, default=120, help="seconds of the sleep that is measured; the goal is for 600"
    )
    parser.add_argument("--skip-up", action="store_true", help="leave script/up --once out")
    options = parser.parse_args()
    runs = options.runs
    python = SYSTEM_PYTHON if Path(SYSTEM_PYTHON).exists() else sys.executable
    with tempfile.TemporaryDirectory(prefix="surveymark-bench-") as folder:
        place = Path(folder)
        look = [python, "-m", "agent", "once", "--print"]
        told = _told([*look, "--json"], place / "state")
        items = sum(len(line.get("items", ())) for line in told["lines"][1:])
        print(
            f"{runs} runs by {python}; {items} items, {told['bytes']} bytes would leave; medians, least wall in brackets"
        )
        print(f"  {'':40} {'wall s':>16} {'cpu s':>8} {'peak MiB':>9} {'status':>7}")
        floor = _row("python3 -c pass", runs, [python, "-c", "pass"], place)
        tools = [_row(tool, runs, tool.split(), place) for tool in TOOLS if shutil.which(tool.split()[0])]
        there = [peer for peer in PEERS if shutil.which(peer.split()[0])]
        names = ["agent once --print", *there]
        rows = _in_turns(names, runs, [look, *[peer.split() for peer in there]], place)
        agent = rows[0]
        wall, cpu = sum(t.wall for t in tools), sum(t.cpu for t in tools)
        print(
            f"agent / empty Python                   wall {agent.wall / floor.wall:6.1f}   cpu {agent.cpu / floor.cpu:6.1f}"
        )
        print(
            f"agent / {len(tools)} tools one by one              wall {agent.wall / wall:6.1f}   cpu {agent.cpu / cpu:6.1f}"
        )
        sections = [_sections(_told([*look, "--json"], place / "state")) for _ in range(runs)]
        peak = max(cost["peak_memory_bytes"] for run in sections for cost in run.values())
        resident = measure(python, place / "resident", options.idle, _environment(place / "state"))
        _goals(resident, agent, rows[1] if there[:1] == [PEERS[0]] else None, peak)
        _coverage(sections[0], there)
        if not options.skip_up:
            up = [str(ROOT / "script/up"), "--once"]
            for name, fresh in (("new store", True), ("nothing changed", False)):
                cost = _row(f"script/up --once, {name}", runs, up, place, fresh=fresh)
                print(f"  {cost.wall:.2f} s   goal < {GOAL_UP_SECONDS} s")
    print(f"  {'fact':20} {'wall ms':>8} {'cpu ms':>8} {'bytes read':>11} {'peak MiB':>9}")
    for name in sections[0]:
        cost = {key: statistics.median(run[name][key] for run in sections) for key in sections[0][name]}
        ms = f"{cost['wall_seconds'] * 1000:8.1f} {cost['cpu_seconds'] * 1000:8.1f}"
        print(f"  {name:20} {ms} {cost['bytes']:11.0f} {cost['peak_memory_bytes'] / 2**20:9.1f}")


def _goals(found: Resident, once: Cost, peer: Cost | None, peak: int) -> None:
    """The numbers that the agent has to keep to, each with its goal."""
    rows: list[tuple[str, float, str]] = []
    if peer is not None:
        rows += [
            ("once --print / fusioninventory, CPU", once.cpu / peer.cpu, "<= 0.5"),
            ("full pass of the resident agent / fusioninventory, CPU", found.full_cpu / peer.cpu, "<= 0.25"),
        ]
    idle = found.idle_cpu * 600 / found.idle_seconds
    rows += [
        ("peak memory of the resident agent, MB", found.peak / 1e6, "< 40"),
        ("peak memory of a process that looks, MB", peak / 1e6, "< 40"),
        (f"CPU s of 600 s without a pass, of {found.idle_seconds:g} s", idle, "<= 0.6"),
        ("unchanged pass, bytes of the request", found.unchanged_bytes, "< 1000"),
        ("unchanged pass / first one with its start, CPU", found.unchanged_cpu / found.start_cpu, ""),
        ("unchanged pass / first pass, CPU", found.unchanged_cpu / found.full_cpu, "<= 0.3"),
        ("unchanged pass of everything at once / first pass, CPU", found.unchanged_full_cpu / found.full_cpu, ""),
    ]
    print("an unchanged pass is the mean of a cycle of 12, in which dear facts come once or thrice; delivery included")
    for name, value, goal in rows:
        print(f"  {name:58} {value:8.2f}   {goal}")


def _coverage(sections: dict[str, dict[str, float]], there: Sequence[str]) -> None:
    """What each of them told of this host."""
    print(f"  the agent told of {len(sections)}: {', '.join(sections)}")
    for peer in there:
        done = subprocess.run(peer.split(), capture_output=True, text=True, check=False)
        if peer.startswith("facter"):
            kinds = sorted(json.loads(done.stdout or "{}"))
        else:
            kinds = sorted(set(re.findall(r"^    <([A-Z_]+)>", done.stdout, re.MULTILINE)))
        print(f"  {peer} (status {done.returncode}) told of {len(kinds)}: {', '.join(kinds)}")


def _in_turns(names: Sequence[str], runs: int, commands: Sequence[Sequence[str]], place: Path) -> list[Cost]:
    """Measure and print several commands, each once in every run, so that whatever else the machine does meets all of them."""
    found = [[_cost(command, place / "state") for command in commands] for _ in range(runs)]
    return [_printed(name, [run[number] for run in found]) for number, name in enumerate(names)]


def _row(name: str, runs: int, command: Sequence[str], place: Path, fresh: bool = False) -> Cost:
    """Measure and print one command; with `fresh` each run has a state folder of its own."""
    costs = [_cost(command, place / f"state-{number}" if fresh else place / "state") for number in range(runs)]
    return _printed(name, costs)


def _printed(name: str, costs: Sequence[Cost]) -> Cost:
    middle = Cost(
        statistics.median(c.wall for c in costs),
        statistics.median(c.cpu for c in costs),
        int(statistics.median(c.peak for c in costs)),
        costs[0].status,
    )
    wall = f"{middle.wall:.3f} ({min(c.wall for c in costs):.3f})"
    peak = f"{middle.peak / 2**20:.1f}" if middle.peak else "-"
    print(f"  {name:40} {wall:>16} {middle.cpu:8.3f} {peak:>9} {middle.status:7}")
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
    if process.returncode and command[0] != "facter":  # facter fails where it can not read all
        raise SystemExit(f"{' '.join(command)}: exit {process.returncode}")
    # Not ru_maxrss: it counts what the process was forked from as well.
    return Cost(
        wall, used.ru_utime + used.ru_stime, max(peaks) if len(peaks) >= _FEWEST_LOOKS else 0, process.returncode
    )


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
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    own = {"SURVEYMARK_STATE": str(state), "SURVEYMARK_AGENT_STATE": str(state / "agent"), "PYTHONPATH": str(ROOT)}
    return {**kept, **own, "PYTHONPYCACHEPREFIX": str(state.parent / "bytecode")}


if __name__ == "__main__":
    main()
