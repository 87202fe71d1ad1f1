"""One fact's fault is that fact's alone: each is stopped for real, and the others are told."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agent.fact import Context, Fact
from agent.isolation import Isolation, Kept, Stopped
from agent.shell import LocalShell
from cmdb.model.classes.local_group import LocalGroup
from tests.agent.facts_that_fail import (
    Made,
    breaking,
    busy,
    exiting,
    fine,
    greedy,
    hanging,
    hanging_in_a_program,
    leaving,
    printing,
    recursing,
    talkative,
)
from tests.servers.hung_mount import available


def isolation() -> Isolation:
    return Isolation(LocalShell)


def seen(found: list[Kept]) -> dict[str, tuple[str, str]]:
    return {one.section.name: (one.section.outcome, one.section.reason) for one in found}


def looked(*facts: Fact) -> dict[str, tuple[str, str]]:
    return seen(isolation().look(Context(), facts))


FAULTS = [
    (hanging(), "over its budget of 0.3 s"),
    (busy(), "over its budget of 0.2 s of CPU"),
    (greedy(), "over its budget of 100 MiB of memory"),
    (talkative(), "over its budget of 10000 bytes: it tells "),
    (breaking(), "the process that looked ended by SIGKILL"),
    (leaving(), "the process that looked ended with status 0"),
    (exiting(), "the process that looked ended with status "),
    (recursing(), "RecursionError: "),
]


@pytest.mark.parametrize(("fact", "reason"), FAULTS, ids=[fact.NAME for fact, _ in FAULTS])
def test_a_fact_that_must_be_stopped_has_failed_with_the_reason_and_the_others_are_told(
    fact: Fact, reason: str
) -> None:
    found = looked(fine("before"), fact, fine("after"))

    assert list(found) == ["before", fact.NAME, "after"]
    assert found["before"] == found["after"] == ("collected", "")
    assert found[fact.NAME][0] == "failed"
    assert found[fact.NAME][1].startswith(reason)


def test_what_a_stopped_fact_cost_is_told() -> None:
    [found] = isolation().look(Context(), [busy()])

    assert found.section.cost["cpu_seconds"] >= 0.2
    assert found.section.cost["wall_seconds"] >= 0.2
    assert found.section.cost["peak_memory_bytes"] > 2**20


def test_every_section_tells_its_cost() -> None:
    [found] = isolation().look(
        Context(), [Made("takes_memory", lambda: [LocalGroup(name=str(len(bytearray(30 * 2**20))))])]
    )

    assert found.section.cost["wall_seconds"] > 0
    assert found.section.cost["cpu_seconds"] > 0
    assert found.section.cost["peak_memory_bytes"] > 30 * 2**20


def test_a_program_that_a_stopped_fact_waits_for_is_ended_too(tmp_path: Path) -> None:
    note = tmp_path / "pid"

    found = looked(hanging_in_a_program(str(note)), fine("after"))

    assert found["hanging_in_a_program"] == ("failed", "over its budget of 4 s")
    try:
        end = os.pidfd_open(int(note.read_text()))
    except ProcessLookupError:
        return
    assert select.select([end], [], [], 60.0)[0]
    os.close(end)


def test_what_a_fact_prints_is_no_part_of_the_answer(capfd: pytest.CaptureFixture[str]) -> None:
    assert looked(printing()) == {"printing": ("collected", "")}
    assert capfd.readouterr() == ("", "not the answer\n")


def test_nothing_of_a_pass_stays() -> None:
    before = set(Path("/proc/self/fd").iterdir())
    looked(fine("one"), hanging(), fine("two"))
    assert set(Path("/proc/self/fd").iterdir()) == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_whoever_tells_to_stop_ends_the_pass() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"x")
    looking = Isolation(LocalShell, wake=reading, stop=lambda: True)

    with pytest.raises(Stopped):
        looking.look(Context(), [hanging(wall_seconds=1000)])

    os.close(reading)
    os.close(writing)


def test_it_says_which_fact_is_looked_at() -> None:
    heard: list[str] = []
    Isolation(LocalShell, beginning=heard.append).look(Context(), [fine("one"), fine("two")])
    assert heard == ["one", "two"]


SCENARIO = """
import json, os, sys
from agent.fact import Budget, Context
from agent.isolation import Isolation
from agent.shell import LocalShell
from agent import processes
from cmdb.model.classes.local_group import LocalGroup
from tests.agent.facts_that_fail import Made, fine
folder = sys.argv[1]
stuck = Made("stuck", lambda: os.stat(folder) and [], Budget(wall_seconds=0.3))
looking = Isolation(LocalShell)
passes = [looking.look(Context(), [fine("before"), stuck, fine("after")]) for _ in range(2)]
print(json.dumps([[(k.section.outcome, k.section.reason) for k in found] for found in passes]))
"""


def run_beside_a_hung_mount(folder: Path, *program: str) -> subprocess.CompletedProcess[str]:
    # available() is not asked: where the kernel has no FUSE, or nobody may mount, this must be seen.
    command = ["unshare", "--mount", "--propagation", "private", sys.executable, "-m", "tests.servers.hung_mount"]
    return subprocess.run([*command, str(folder), *program], capture_output=True, text=True, timeout=120)


def test_a_process_that_can_not_be_killed_is_left_behind_and_its_fact_not_looked_at_again(tmp_path: Path) -> None:
    assert available()

    done = run_beside_a_hung_mount(tmp_path, sys.executable, "-c", SCENARIO, str(tmp_path))

    assert done.returncode == 0, done.stderr
    first, second = json.loads(done.stdout)
    for found in (first, second):
        assert found[0] == found[2] == ["collected", ""]
        assert found[1][0] == "failed"
    assert first[1][1].startswith("over its budget of 0.3 s; ")
    assert "can not be ended" in first[1][1]
    assert "still waits for the kernel" in second[1][1]


def test_a_mount_that_does_not_answer_keeps_nothing_from_being_told(tmp_path: Path) -> None:
    assert available()
    environment = ["env", f"SURVEYMARK_AGENT_STATE={tmp_path}/state"]
    (tmp_path / "hung").mkdir()

    done = run_beside_a_hung_mount(
        tmp_path / "hung", *environment, sys.executable, "-m", "agent", "once", "--print", "--json"
    )

    assert done.returncode == 0, done.stderr
    lines: list[dict[str, Any]] = json.loads(done.stdout)["lines"]
    sections = {line["section"]: line for line in lines if "section" in line}
    assert not [name for name, line in sections.items() if "budget" in line["reason"]]
    assert sections["filesystems"]["outcome"] == "collected"
    assert str(tmp_path / "hung") in done.stdout


def test_an_interrupted_process_leaves_the_other_signals_alone() -> None:
    before = signal.getsignal(signal.SIGINT)
    looked(fine("one"))
    assert signal.getsignal(signal.SIGINT) is before
