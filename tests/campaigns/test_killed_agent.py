"""An agent that is killed by SIGKILL at any moment, again and again, while answers get lost: what it kept is told once."""

from __future__ import annotations

import random
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.enrolment import Enrolled, save
from agent.state import State
from tests.campaigns.length import either
from tests.campaigns.writers import ROOT
from tests.servers import certificates
from tests.servers.agent_server import DIGEST_KEY, KEY, SECRET, AgentServer
from tests.servers.https_server import HttpsServer

pytestmark = pytest.mark.campaign
KILLS = either(6, 500)
LONGEST_SECONDS = 0.25

# Each report is told on standard output once it is kept. Waiting takes no time. A last run, without new reports, hands in all.
TELLING = """
import itertools, sys, time
from pathlib import Path
from agent.delivery import Clocks, Delivery
from agent.enrolment import load
from agent.state import State
from tests.agent.reports import report, section
state, begin = State(Path(sys.argv[1])), int(sys.argv[2])
steady = itertools.count(0, 1000)
delivery = Delivery(state, load(state), None, {}, Clocks(time.time, lambda: next(steady)), ask_seconds=1e9)
print("ready", flush=True)
for n in itertools.count(begin) if begin else ():
    delivery.put(report(n, section("all", f"t{n:05}"), section(f"s{n % 5}", f"t{n:05}"), section("same", "A")))
    print(n, flush=True)
    delivery.flush()
while delivery.waiting or delivery.problem:
    delivery.flush()
"""


@pytest.fixture
def model() -> AgentServer:
    return AgentServer()


def test_what_was_kept_is_told_once_however_often_it_is_killed(
    tmp_path: Path, model: AgentServer, tell: Callable[[str], None]
) -> None:
    seed = secrets.token_hex(8)
    drawn = random.Random(seed)
    own = certificates.issue(tmp_path, "own", "IP:127.0.0.1")
    state, kept = State(tmp_path / "state"), 0
    with HttpsServer(own.context(), model) as at:
        save(state, Enrolled(at.url, KEY, SECRET, fingerprint=own.fingerprint, digest_key=DIGEST_KEY))
        for _ in range(KILLS):
            model.faults = drawn.choices([None, "lost", "half", 500, "html"], [6, 2, 1, 1, 1], k=30)
            kept = max(kept, killed(state.folder, kept + 1, drawn))
        model.faults = []
        last = run(state.folder, 0)
        _, errors = last.communicate(timeout=120)
        assert last.returncode == 0, f"{errors} (seed {seed})"

    told: dict[str, list[int]] = {}
    for name, text in model.texts:
        told.setdefault(name, []).append(int(text[1:]) if name != "same" else 0)
    for name, numbers in told.items():
        assert numbers == sorted(set(numbers)), f"{name} was told twice, or out of order (seed {seed})"
    newest = {f"s{n % 5}": n for n in range(max(kept - 4, 1), kept + 1)} | {"all": kept}
    lost = {name: number for name, number in newest.items() if told.get(name, [0])[-1] < number}
    assert not lost, f"kept and never told: {lost}, told {told} (seed {seed})"
    assert kept > 0
    tell(
        f"An agent was killed {KILLS} times over {kept} reports: {len(model.texts)} changes told, none twice, none lost."
    )


def run(folder: Path, begin: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-B", "-c", TELLING, str(folder), str(begin)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def killed(folder: Path, begin: int, drawn: random.Random) -> int:
    """Run it from a report on, kill it some time after it is ready, or has kept one; returns the last that it had kept."""
    process = run(folder, begin)
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        assert process.stdout.readline() == "ready\n", process.stderr.read()
        first = process.stdout.readline() if drawn.random() < 0.6 else ""
        try:
            process.wait(drawn.uniform(0, LONGEST_SECONDS))
        except subprocess.TimeoutExpired:
            process.kill()
        said = (first + process.stdout.read()).split("\n")[:-1]  # a last line without its end was not said
        return max(map(int, said), default=0)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()
