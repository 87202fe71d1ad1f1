"""Processes that look are ended with all that they started."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time

from agent.processes import descendants, end, gone, used

TREE = (
    "import subprocess, sys, time\n"
    "one = subprocess.Popen(['sh', '-c', 'sleep 1000 & echo $!; wait'], stdout=subprocess.PIPE, text=True,"
    " start_new_session=True)\n"
    "print(one.pid, one.stdout.readline(), flush=True)\n"
    "time.sleep(1000)\n"
)


def test_all_that_a_process_started_ends_with_it() -> None:
    process = subprocess.Popen([sys.executable, "-c", TREE], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    started = [int(pid) for pid in process.stdout.readline().split()]
    ends = [os.pidfd_open(pid) for pid in started]
    assert set(descendants(process.pid)) == set(started)

    assert end(process.pid)

    assert all(select.select([fd], [], [], 60.0)[0] for fd in ends)
    for fd in ends:
        os.close(fd)
    process.stdout.close()
    process.returncode = -9


def test_what_a_process_has_used_is_told() -> None:
    begin = time.process_time()
    while time.process_time() - begin < 0.05:
        pass
    cpu, resident = used(os.getpid())
    assert cpu >= 0.05
    assert resident > 2**20
    assert used(2**31 - 1) == (0.0, 0)


def test_what_has_ended_is_gone_and_what_runs_is_not() -> None:
    process = subprocess.Popen(["sleep", "1000"])
    assert not gone(process.pid)
    assert end(process.pid)
    assert gone(process.pid)
    process.returncode = -9
