"""Hosts that are crowded, restless or broken are told of as far as they can be, and what can not be seen has failed."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent import commands
from agent.discovery import own_shell
from agent.fact import Collected, Command, Context, Failed, Missing, Need, NotApplicable, Output, Supplied
from agent.facts import FACTS, packages_dpkg
from agent.isolation import Isolation, Kept
from agent.recording import RecordedShell
from agent.run import collect_pass, needs_of
from agent.shell import LocalShell
from cmdb.model.batch import Section
from tests.agent.crowded import crowded
from tests.agent.supplied import KEY
from tests.campaigns.length import either

RUNNING = [FACTS["software"], FACTS["flows"], FACTS["services"]]


def looked(isolation: Isolation, *names: str) -> dict[str, Section]:
    found: list[Kept] = isolation.look(Context(observed_at_us=10**15), [FACTS[name] for name in names])
    return {one.section.name: one.section for one in found}


@pytest.mark.campaign
def test_a_thousand_processes_and_a_hundred_thousand_sockets_are_told_within_budget() -> None:
    connections = either(20_000, 100_000)
    host = crowded(1000, connections)

    found = looked(Isolation(lambda: host), "software", "flows")

    assert {name: (s.outcome, s.reason) for name, s in found.items()} == {
        "software": ("collected", ""),
        "flows": ("collected", ""),
    }
    assert (found["flows"].bodies[0] or b"").count(b'"TALKS_TO"') > connections // 2
    assert (found["software"].bodies[0] or b"").count(b'"SoftwareInstance"') > 500


@pytest.fixture
def crowd() -> Iterator[int]:
    """A thousand processes that do nothing; yields the pid of the one that started them."""
    code = (
        "import os, signal, sys\n"
        "for _ in range(1000):\n"
        "    if os.fork() == 0:\n"
        "        signal.pause()\n"
        "print('up', flush=True)\n"
        "sys.stdin.read()\n"
        "os.killpg(0, signal.SIGKILL)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "up\n"
            yield process.pid
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def test_a_thousand_processes_of_this_machine_are_read(crowd: int) -> None:
    shell = own_shell(resident=True)
    needs = needs_of(shell, RUNNING, Context())

    supplied = shell.supply(needs)
    results = collect_pass(shell, Context(observed_at_us=10**15), RUNNING)

    stats = next(found for need, found in supplied.items() if getattr(need, "pattern", "") == "/proc/[0-9]*/stat")
    assert isinstance(stats, dict)
    assert len(stats) > 1000
    assert f"/proc/{crowd}/stat" in stats
    assert not [r.outcome for r in results if isinstance(r.outcome, Failed)]


def test_processes_that_end_while_they_are_read_fail_nothing() -> None:
    """Processes come and go all the time while a pass reads /proc again and again."""
    code = (
        "import os, time\n"
        "print('up', flush=True)\n"
        "while True:\n"
        "    if os.fork() == 0:\n"
        "        os.read(os.open('/proc/self/stat', os.O_RDONLY), 100)\n"
        "        os._exit(0)\n"
        "    os.wait()\n"
    )
    restless = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) for _ in range(2)]
    try:
        for process in restless:
            assert process.stdout is not None
            process.stdout.readline()
        for _ in range(5):
            results = collect_pass(own_shell(resident=True), Context(observed_at_us=10**15), RUNNING)
            assert not [r.outcome for r in results if isinstance(r.outcome, Failed)]
    finally:
        for process in restless:
            process.kill()
            process.communicate()


@pytest.fixture
def dpkg_query(trusted: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program that is run as dpkg-query, to be written by the test; it is given a second."""
    path = trusted / "dpkg-query"
    monkeypatch.setattr(commands, "PROGRAMS", {**commands.PROGRAMS, "/usr/bin/dpkg-query": (str(path),)})
    query = dataclasses.replace(packages_dpkg.NEEDS[0], seconds=5.0)
    monkeypatch.setattr(packages_dpkg, "_QUERY", query)
    monkeypatch.setattr(packages_dpkg, "NEEDS", (query,))
    return path


@pytest.mark.parametrize(
    ("program", "outcome", "reason"),
    [
        ("", "not_applicable", "dpkg is not installed"),
        ("head -c 100000 /dev/urandom", "failed", "not understood"),
        ("echo 'Paketliste wird gelesen'", "failed", "not understood"),
        ("head -c 100000000 /dev/zero", "failed", "printed more than"),
        ("echo 'bash\t5\tamd64\tinstall ok installed\t'; exec sleep 1000", "failed", "did not end within"),
        ("echo broken >&2; exit 2", "failed", "broken"),
        ("kill -9 $$", "failed", "ended with status -9"),
    ],
    ids=["missing", "garbage", "another language", "100 MB", "endless", "failing", "killed"],
)
def test_a_program_at_fault_fails_its_section_and_no_other(
    dpkg_query: Path, program: str, outcome: str, reason: str
) -> None:
    if program:
        dpkg_query.write_text(f"#!/bin/sh\n{program}\n")
        dpkg_query.chmod(0o755)

    found = looked(Isolation(LocalShell), "kernel", "packages_dpkg", "groups")

    assert (found["packages_dpkg"].outcome, found["kernel"].outcome, found["groups"].outcome) == (
        outcome,
        "collected",
        "collected",
    )
    assert reason in found["packages_dpkg"].reason
    # Whatever this process holds is there in each look: what counts is what this fact adds.
    held = found["kernel"].cost["peak_memory_bytes"]
    assert found["packages_dpkg"].cost["peak_memory_bytes"] < held + 50_000_000


FAULTS: dict[str, Supplied] = {
    "missing": Missing("absent", "it is not installed"),
    "endless": Missing("timeout", "it did not end within 20 s"),
    "100 MB": Missing("too_big", "it printed more than 16777216 bytes"),
    "garbage": Output(bytes(range(256)) * 40),
    "failing": Output(b"", b"no", 1),
}


@pytest.mark.parametrize("fault", list(FAULTS))
def test_whatever_a_program_does_no_fact_breaks_and_none_forgets_what_it_can_not_see(fault: str) -> None:
    """A fact ends with a reason of its own, never with an error of ours; what it told of by the program alone has not gone."""
    live = LocalShell()
    context = Context(privilege=live.privilege, own_pids=live.own_pids, digest_key=KEY, observed_at_us=10**15)
    for name, fact in FACTS.items():
        needs = needs_of(live, [fact], context)
        if not any(isinstance(need, Command) for need in needs):
            continue
        supplied: dict[Need, Supplied] = live.supply(needs)
        faulty = {need: FAULTS[fault] if isinstance(need, Command) else found for need, found in supplied.items()}
        [well] = collect_pass(RecordedShell(supplied, live.privilege), context, [fact])
        [ill] = collect_pass(RecordedShell(faulty, live.privilege), context, [fact])

        if isinstance(ill.outcome, (Failed, NotApplicable)):
            assert ill.outcome.reason
            assert "Error: " not in ill.outcome.reason, name
        elif isinstance(well.outcome, Collected):
            assert isinstance(ill.outcome, Collected)
            # "Not installed" is an answer, and none of the other faults is.
            if fault != "missing":
                assert len(ill.outcome.items) >= len(well.outcome.items), name


def test_a_clock_that_goes_back_moves_neither_passes_nor_numbers(tmp_path: Path) -> None:
    from agent.discovery import discover_apart
    from agent.state import State

    moments = iter([10**15, 10**15 - 10**12, 5])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("agent.discovery.now", lambda: next(moments))
        isolation = Isolation(LocalShell)
        found = [discover_apart(State(tmp_path), None, isolation, [FACTS["kernel"]]) for _ in range(3)]

    assert [one.header.sequence for one in found] == [1, 2, 3]
    assert [one.header.observed_at for one in found] == [10**15, 10**15 - 10**12, 5]
    assert all(one.sections[0].cost["wall_seconds"] >= 0 for one in found)


def test_threads_of_the_caller_do_not_keep_a_pass_from_ending() -> None:
    """surveymark's server looks at its own host too, and has threads."""
    stop = threading.Event()
    threads = [threading.Thread(target=stop.wait) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        assert looked(Isolation(LocalShell), "kernel")["kernel"].outcome == "collected"
    finally:
        stop.set()
        for thread in threads:
            thread.join()
