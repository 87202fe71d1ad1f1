"""What `up --once` finds agrees with the host's own tools; a second look under load finds nothing new."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest

from tests.end_to_end.witness import Run, found, witnessed
from tests.lab.hosts import Host, Lab

LOAD = """
import itertools, os, shutil, socket, subprocess, tempfile, threading, time

server = socket.create_server(("127.0.0.1", 6000), backlog=200)
pool = socket.create_connection(("127.0.0.1", 6000))

def serve():
    while True:
        peer = server.accept()[0]
        threading.Thread(target=peer.recv, args=(1,), daemon=True).start()

def connect():
    # Beside the pool, which lasts, requests that are too short to be seen each time.
    while True:
        with socket.create_connection(("127.0.0.1", 6000)):
            time.sleep(0.01)

def ask():
    while True:
        with socket.socket(type=socket.SOCK_DGRAM) as question:
            question.bind(("127.0.0.1", 0))
            time.sleep(0.005)

def write():
    while True:
        with tempfile.NamedTemporaryFile() as file:
            file.write(os.urandom(100_000))

def start():
    # Jobs in sessions of their own whose parent is gone, as scripts and schedulers leave them behind; each another program.
    for number in itertools.count():
        job = f"/tmp/job{number}"
        shutil.copy("/usr/bin/sleep", job)
        subprocess.run(["setsid", "-f", job, "0.3"])
        subprocess.run(["setsid", "sh", "-c", f"{job} 0.3 & true"])
        time.sleep(0.3)
        os.remove(job)

def busy():
    while True:
        sum(range(10_000))

for work in (serve, connect, connect, ask, write, start, busy, busy):
    if os.fork() == 0:
        work()
open("/run/loaded", "w").close()
while True:
    time.sleep(60)
"""


def test_a_host_of_its_own_agrees_with_its_tools(lab: Lab) -> None:
    host = lab.host("alpha")
    host.spawn("/usr/bin/python3", "-m", "http.server", "8000", "--bind", "::")
    host.spawn("/usr/bin/python3", "-m", "http.server", "8001", "--bind", "10.88.0.1")
    host.wait_for("sh", "-c", "test $(ss -Hltn | grep -c :800) = 2")
    host.run("ip", "link", "add", "br1", "type", "bridge")
    host.run("ip", "addr", "add", "2001:db8::7/64", "dev", "br1", "nodad")
    host.run("useradd", "--uid", "4242", "--create-home", "auditor")

    def run(*command: str) -> str:
        return host.run(*command).stdout

    compared = compare(run, lambda *arguments: host.surveymark("--json", *arguments).stdout)
    assert {"tcp :: 8000", "tcp 10.88.0.1 8001"} <= compared["Endpoint"]
    assert "auditor 4242 4242 /home/auditor /bin/sh" in compared["LocalAccount"]
    assert any(text.startswith("br1 ") and "2001:db8::7/64" in text for text in compared["NetworkInterface"])


def test_this_machine_agrees_with_its_tools(root: Path, tmp_path: Path) -> None:
    compare(local(), local(root / ".venv/bin/surveymark", "--json", state=tmp_path / "state"))


@pytest.mark.timeout(900)  # packages may have to be fetched
def test_a_fresh_clone_makes_its_own_environment_and_discovers_this_machine(root: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", root, clone], check=True, capture_output=True)
    surveymark = local(clone / ".venv/bin/surveymark", "--json", state=tmp_path / "state")
    up = local(clone / "script/up", "--json", state=tmp_path / "state")
    compare(local(), lambda *arguments: up(*arguments[1:]) if arguments[0] == "up" else surveymark(*arguments))


def test_a_host_observed_twice_under_load_makes_no_revision_the_second_time(lab: Lab) -> None:
    host = lab.host("busy")
    host.write("/opt/load.py", LOAD)
    host.spawn("/usr/bin/python3", "/opt/load.py")
    host.wait_for("test", "-e", "/run/loaded")
    first, second, third = (look(host) for _ in range(3))
    assert first["revision"] == 1
    assert [s["section"] for s in second["sections"] if s["outcome"] not in ("unchanged", "not_applicable")] == []
    assert (second["revision"], third["revision"]) == (None, None)


def look(host: Host) -> dict[str, Any]:
    """The receipt of one pass."""
    return dict(json.loads(host.surveymark("--json", "agent", "once").stdout))


def compare(run: Run, surveymark: Callable[..., str]) -> dict[str, set[str]]:
    """Discover, and hold the result against what the tools said before and after; returns what was found.

    What they said both times has to be there, and nothing may be that they said neither time. On a busy machine something
    may come and go between the two, so what disagrees counts where another two looks disagree about it as well.
    """
    seen, wrong = look_between(run, surveymark)
    for _ in range(2):
        if not wrong:
            break
        seen, again = look_between(run, surveymark)
        wrong &= again
    assert wrong == set()
    assert all(texts or name == "Endpoint" for name, texts in seen.items())
    return seen


def look_between(
    run: Run, surveymark: Callable[..., str]
) -> tuple[dict[str, set[str]], set[tuple[str, Literal["missing", "made up"], str]]]:
    """What one look found, and where it disagrees with the tools before and after it: (class, how, text)."""
    before = witnessed(run)
    surveymark("up", "--once")
    after = witnessed(run)

    def items(class_name: str) -> Iterator[dict[str, Any]]:
        cursor: list[str] = []
        while True:
            page = json.loads(surveymark("ci", "find", f"class:{class_name}", "--limit", "1000", *cursor))
            yield from page["items"]
            if page["next"] is None:
                return
            cursor = ["--cursor", page["next"]]

    seen = found(items, run)
    wrong: set[tuple[str, Literal["missing", "made up"], str]] = set()
    for name, texts in seen.items():
        wrong |= {(name, "missing", text) for text in (before[name] & after[name]) - texts}
        wrong |= {(name, "made up", text) for text in texts - (before[name] | after[name])}
    return seen, wrong


def local(*prefix: str | Path, state: Path | None = None) -> Run:
    """Runs commands on this machine, Surveymark's own with a state folder of the test."""
    own = {"SURVEYMARK_STATE": str(state)} if state else {"LC_ALL": "C.UTF-8"}
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SURVEYMARK_")} | own

    def run(*command: str) -> str:
        done = subprocess.run([*prefix, *command], capture_output=True, text=True, env=environment, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
