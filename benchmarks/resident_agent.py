"""What a resident agent costs: its passes, its sleep, its memory, and what it sends.

A server of its own and a store in a temporary folder; between the two a relay that counts the bytes of each request as they leave
the agent, headers and body, without TLS. Used by benchmarks.agent.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agent.exchange import BATCHES

ROOT = Path(__file__).resolve().parents[1]
SURVEYMARK = str(Path(sys.executable).with_name("surveymark"))
_PATIENCE_SECONDS = 120
_TICKS = os.sysconf("SC_CLK_TCK")
_LOOKS = 4
_CYCLE = 12
"""Passes after which dear facts are due again, but for the dearest."""


@dataclass(frozen=True)
class Resident:
    """Seconds of CPU, ended children included: from the start until the first report was handed in; of the first pass alone; of
    an unchanged pass of everything; of an unchanged pass by its schedule, as a mean over a cycle. Bytes of requests."""

    start_cpu: float
    full_cpu: float
    unchanged_full_cpu: float
    unchanged_cpu: float
    unchanged_bytes: int
    idle_cpu: float
    idle_seconds: float
    peak: int


class Relay:
    """Passes connections on to the server, and counts what the agent sends in each request that hands something in."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.sent: list[int] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            client, _ = self._listening.accept()
            threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        server = socket.create_connection(("127.0.0.1", self._to))
        request = bytearray()

        def back() -> None:
            with contextlib.suppress(OSError):
                while data := server.recv(65536):
                    if request.startswith(f"POST {BATCHES}".encode()):
                        self.sent.append(len(request))
                    request.clear()
                    client.sendall(data)
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_WR)

        threading.Thread(target=back, daemon=True).start()
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                request.extend(data)
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)


def measure(python: str, folder: Path, idle_seconds: float, environment: dict[str, str]) -> Resident:
    """Run the agent with a Python, in a folder of its own."""
    folder.mkdir()
    with _server(folder, environment) as port:
        relay = Relay(port)
        own = {**environment, "SURVEYMARK_AGENT_STATE": str(folder / "agent"), "PYTHONPATH": str(ROOT)}
        own["SURVEYMARK_AGENT_CONFIG"] = str(folder / "agent.conf")
        _enrol(python, folder, relay.port, own)
        start, full, again, unchanged_bytes, idle, peak = _long(python, folder, relay, idle_seconds, own)
        mean = _often(python, folder, relay, own)
    return Resident(start, full, again, mean, unchanged_bytes, idle, idle_seconds, peak)


def _long(
    python: str, folder: Path, relay: Relay, idle_seconds: float, environment: dict[str, str]
) -> tuple[float, float, float, int, float, int]:
    """An agent that looks when it is told to."""
    _settings(folder, 86_400)
    with _agent(python, environment) as process:
        _handed_in(relay, 1)
        start = _cpu(process.pid)
        # The key of digests came with the first answer, so everything was looked at once more.
        _settled(process.pid)
        looks = []
        for _ in range(_LOOKS):
            before = _cpu(process.pid)
            _look(process, relay)
            looks.append((_cpu(process.pid) - before, relay.sent[-1]))
        # On a machine that works something changes now and then: the least is that of a pass without.
        again, unchanged_bytes = min(cpu for cpu, _ in looks), min(sent for _, sent in looks)
        _settled(process.pid)
        before, begin = _cpu(process.pid), time.monotonic()
        time.sleep(idle_seconds)
        idle = _cpu(process.pid) - before
        if time.monotonic() - begin > idle_seconds * 1.5:
            raise SystemExit("this machine sleeps or is far too busy to measure a sleep on")
        peak = _peak(process.pid)
    full = _full(python, environment)
    return start, full, again, unchanged_bytes, idle, peak


def _full(python: str, environment: dict[str, str]) -> float:
    """The first pass of a process that has started already: everything is parsed and encoded."""
    code = (
        "import os\n"
        "from agent.discovery import discover_apart, facts, own_shell\n"
        "from agent.isolation import Isolation\n"
        "from agent.state import state\n"
        "used = lambda: sum(os.times()[:4])\n"
        "begin = used()\n"
        "discover_apart(state(), b'k' * 32, Isolation(lambda: own_shell(resident=True)), facts(()).values())\n"
        "print(used() - begin)\n"
    )
    done = subprocess.run([python, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout)


def _often(python: str, folder: Path, relay: Relay, environment: dict[str, str]) -> float:
    """Mean of a cycle of passes by the schedule, the first of a process left out."""
    _settings(folder, 10)
    already = len(relay.sent)
    with _agent(python, environment) as process:
        _handed_in(relay, already + 2)
        _settled(process.pid)
        begin, seen = _cpu(process.pid), len(relay.sent)
        _handed_in(relay, seen + _CYCLE, 12.0 * _CYCLE + _PATIENCE_SECONDS)
        return (_cpu(process.pid) - begin) / (len(relay.sent) - seen)


@contextlib.contextmanager
def _server(folder: Path, environment: dict[str, str]) -> Iterator[int]:
    state = {**environment, "SURVEYMARK_STATE": str(folder / "server")}
    subprocess.run([SURVEYMARK, "agent", "once"], env=state, check=True, capture_output=True)
    command = [SURVEYMARK, "token", "create", "benchmark", "--role", "enrol"]
    told = subprocess.run(command, env=state, check=True, capture_output=True, text=True).stdout
    token = next(word for word in told.split() if word.startswith("smt_"))
    with open(os.open(folder / "token", os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        file.write(token)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    serving = subprocess.Popen(
        [SURVEYMARK, "serve", "--listen", f"127.0.0.1:{port}"], env=state, stderr=subprocess.DEVNULL
    )
    try:
        end = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        serving.terminate()
        serving.wait()


def _enrol(python: str, folder: Path, port: int, environment: dict[str, str]) -> None:
    _settings(folder, 86_400)
    server = ["--server", f"http://127.0.0.1:{port}", "--token-file", str(folder / "token")]
    subprocess.run([python, "-m", "agent", "enrol", *server], env=environment, check=True, capture_output=True)


def _settings(folder: Path, interval: int) -> None:
    (folder / "agent.conf").write_text(f"[agent]\ninterval = {interval}\n[server]\nask = 86400\n")
    (folder / "agent.conf").chmod(0o600)


@contextlib.contextmanager
def _agent(python: str, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([python, "-m", "agent", "run"], env=environment, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def _look(process: subprocess.Popen[bytes], relay: Relay) -> None:
    already = len(relay.sent)
    process.send_signal(signal.SIGHUP)
    _handed_in(relay, already + 1)
    _settled(process.pid)


def _handed_in(relay: Relay, count: int, seconds: float = _PATIENCE_SECONDS) -> None:
    end = time.monotonic() + seconds
    while len(relay.sent) < count:
        if time.monotonic() > end:
            raise SystemExit(f"the agent handed in {len(relay.sent)} reports and not {count}")
        time.sleep(0.01)


def _settled(pid: int) -> None:
    """Wait until the process has used nothing for three seconds."""
    before = -1.0
    while (now := _cpu(pid)) != before:
        before = now
        time.sleep(3)


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / _TICKS


def _peak(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
