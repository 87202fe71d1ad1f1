"""Agents on hosts that change while the server is killed and started again, and they themselves too: every change is in the graph
once. Fifty for ten minutes when long."""

from __future__ import annotations

import json
import os
import random
import shlex
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from agent.one_file import NAME, build
from api.caller import Caller
from api.local_estate import LocalEstate
from cmdb.stores.sqlite_store import SqliteStore
from tests.campaigns.length import either
from tests.lab.hosts import REPOSITORY, Host, Lab
from tests.servers import certificates

pytestmark = pytest.mark.campaign

AGENTS = either(3, 50)
SECONDS = either(30.0, 600.0)
BETWEEN_SECONDS = either(5.0, 30.0)
"""Between two changes of one host."""
PATIENCE_SECONDS = either(120.0, 600.0)
PORT = 8443
SURVEYMARK = str(REPOSITORY / ".venv/bin/surveymark")
ADMIN = Caller("os:root", ("admin",))


@dataclass
class Process:
    """A program on a host that is killed and started again. Its pid is that of the host's own namespace."""

    host: Host
    command: str
    name: str

    def start(self) -> None:
        script = f"echo $$ >/run/{self.name}.pid; exec {self.command} >>/tmp/{self.name}.log 2>&1"
        self.host.spawn("sh", "-c", script)

    def kill(self, signal: str = "KILL") -> None:
        self.host.run("sh", "-c", f"kill -{signal} $(cat /run/{self.name}.pid)", check=False)

    def log(self) -> str:
        return self.host.path(f"/tmp/{self.name}.log").read_text(errors="replace")[-2000:]


@dataclass
class Site:
    """A server and hosts with agents, and what was changed on each."""

    store: Path
    server: Process
    agents: list[Process]
    changed: dict[str, list[str]] = field(default_factory=dict)

    def change(self, agent: Process) -> None:
        """A group more on that host, which its agent is told to look for."""
        names = self.changed.setdefault(agent.host.name, [])
        names.append(f"{agent.host.name}-{len(names)}")
        group = f"{names[-1]}:x:{7000 + len(names)}:"
        agent.host.run("sh", "-c", f"echo {group} >>/etc/group")
        agent.kill("HUP")

    def groups(self) -> tuple[Counter[tuple[str, str]], dict[tuple[str, str], list[str]]]:
        """By host and name: how many groups there are in the graph, and what is told of each one's past."""
        found: Counter[tuple[str, str]] = Counter()
        past: dict[tuple[str, str], list[str]] = {}
        with closing(SqliteStore.open(self.store)) as store:
            estate = LocalEstate(store, ADMIN)
            cursor = None
            while True:
                page = estate.find("class:LocalGroup name:host*", cursor=cursor)
                for group in page["items"]:
                    at = (group["name"].rpartition("-")[0], group["name"])
                    found[at] += 1
                    past[at] = [row["kind"] for row in estate.history(group["id"])["items"]]
                cursor = page["next"]
                if cursor is None:
                    return found, past


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / NAME).write_bytes(build())
    with Lab(share=[shared]) as lab:
        serving = lab.host("server")
        made = certificates.issue(shared, "server", f"IP:{serving.address}")
        environment = {"SURVEYMARK_STATE": str(shared / "state"), "SURVEYMARK_STORE": f"sqlite://{shared}/cmdb.db"}
        listen = f"serve --listen {serving.address}:{PORT} --certificate {made.certificate} --key {made.key}"
        prefix = " ".join(f"{name}={shlex.quote(value)}" for name, value in environment.items())
        server = Process(serving, f"env {prefix} {SURVEYMARK} {listen}", "server")
        said = serving.surveymark(
            "--json", "token", "create", "agents", "--role", "enrol", "--count", str(AGENTS), env=environment
        )
        token = shared / "token"
        token.touch(0o600)
        token.write_text(json.loads(said.stdout)["token"])
        server.start()
        until(lambda: serving.run(*_reached(serving.address), check=False).returncode == 0, server)
        agents = [
            enrolled(lab.host(f"host{n}"), shared, token, serving.address, made.fingerprint) for n in range(AGENTS)
        ]
        yield Site(shared / "cmdb.db", server, agents)


def _reached(address: str) -> list[str]:
    return ["/usr/bin/python3", "-c", f"import socket; socket.create_connection(('{address}', {PORT}), 5)"]


def enrolled(host: Host, shared: Path, token: Path, address: str, fingerprint: str) -> Process:
    """The agent of a host, which runs."""
    program = f"/usr/bin/python3 -I {shared / NAME}"
    verified = f"--server https://{address}:{PORT} --fingerprint {fingerprint} --token-file {token}"
    host.run("sh", "-c", f"rm -rf /var/lib/surveymark-agent; {program} enrol {verified}")
    host.write("/etc/surveymark-agent.conf", "[agent]\ninterval = 60\n[server]\nask = 10\n")
    agent = Process(host, f"{program} run", "agent")
    agent.start()
    return agent


def until(holds: Callable[[], bool], *processes: Process) -> None:
    """Wait for it; what the processes said is told where it does not come."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end, "\n".join(f"{p.host.name}: {p.log()}" for p in processes)
        time.sleep(0.5)


@pytest.mark.skipif(os.geteuid() != 0, reason="hosts are namespaces")
def test_every_change_is_in_the_graph_once_though_server_and_agents_are_killed(
    site: Site, tell: Callable[[str], None]
) -> None:
    draw = random.Random(7)
    until(lambda: hosts(site) == AGENTS, site.server, *site.agents[:2])
    began = time.monotonic()
    due = {agent.host.name: began + draw.random() * BETWEEN_SECONDS for agent in site.agents}
    kills, killed_agents, away = [began + SECONDS * part for part in (0.2, 0.6)], 0, 0.0
    back = 0.0
    while (now := time.monotonic()) < began + SECONDS:
        for agent in site.agents:
            if now >= due[agent.host.name]:
                due[agent.host.name] = now + BETWEEN_SECONDS
                site.change(agent)
                if draw.random() < 0.1:
                    agent.kill()
                    agent.start()
                    killed_agents += 1
        if kills and now >= kills[0]:
            kills.pop(0)
            site.server.kill()
            back = now + SECONDS * 0.15
        if back and now >= back:
            site.server.start()
            away += SECONDS * 0.15
            back = 0.0
        time.sleep(0.1)
    if back:
        site.server.start()

    expected = Counter((host, name) for host, names in site.changed.items() for name in names)
    until(lambda: site.groups()[0] == expected, site.server, *site.agents[:2])
    found, past = site.groups()
    assert found == expected
    assert {tuple(kinds) for kinds in past.values()} == {("created",)}
    tell(
        f"{AGENTS} agents, {len(expected)} changes in {SECONDS:.0f} s, server killed twice and away for {away:.0f} s, agents "
        f"killed {killed_agents} times: each change in the graph once"
    )


def hosts(site: Site) -> int:
    """Hosts that have reported."""
    with closing(SqliteStore.open(site.store)) as store:
        return len(LocalEstate(store, ADMIN).find("class:Host", limit=200)["items"])
