"""The agent under a real systemd: installed by the one file over TLS, it reports; its unit takes nothing away of what it sees;
uninstalled it leaves nothing."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.one_file import NAME, build
from agent.service import UNIT, unit
from tests.lab.hosts import REPOSITORY
from tests.lab.systemd_host import SystemdHost, systemd_host
from tests.servers import certificates

PYTHON = "/usr/bin/python3"
SURVEYMARK = str(REPOSITORY / ".venv/bin/surveymark")
SERVER = "https://127.0.0.1:8443"
PATIENCE_SECONDS = 90
PLACES = (
    "/etc/systemd/system/surveymark-agent.service",
    "/etc/systemd/system/multi-user.target.wants/surveymark-agent.service",
    "/etc/surveymark-agent.conf",
    "/usr/local/bin/surveymark-agent",
    "/usr/local/lib/surveymark-agent",
    "/var/lib/surveymark-agent",
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the host sees at the same place, with the one-file agent."""
    folder = tmp_path_factory.mktemp("shared")
    (folder / NAME).write_bytes(build())
    return folder


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Iterator[SystemdHost]:
    with systemd_host(tmp_path_factory.mktemp("host"), shared) as found:
        yield found


@pytest.fixture
def store(tmp_path: Path) -> dict[str, str]:
    """The environment of the server's commands."""
    state = {"SURVEYMARK_STATE": str(tmp_path / "state"), "SURVEYMARK_STORE": f"sqlite://{tmp_path}/cmdb.db"}
    return {**os.environ, **state}


@pytest.fixture
def fingerprint(host: SystemdHost, store: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """That of the certificate of a server on the host's loopback."""
    made = certificates.issue(tmp_path, "server", "IP:127.0.0.1")
    files = ["--certificate", str(made.certificate), "--key", str(made.key)]
    argv = host.on_its_network(SURVEYMARK, "serve", "--listen", "127.0.0.1:8443", *files)
    with (tmp_path / "serve.log").open("w") as log, subprocess.Popen(argv, env=store, stdout=log, stderr=log) as server:
        try:
            yield made.fingerprint
        finally:
            server.terminate()


def answer(store: dict[str, str], *arguments: str) -> Any:
    """What a command on the server's store says."""
    done = subprocess.run(
        [SURVEYMARK, "--json", *arguments], env=store, capture_output=True, text=True, timeout=60, check=True
    )
    return json.loads(done.stdout)


def sections(told: str) -> dict[str, list[Any]]:
    """Outcome, reason, and items and relations of each section, but for the unit's own."""
    found: dict[str, list[Any]] = {}
    name = ""
    for line in json.loads(told)["lines"]:
        if "section" in line:
            name = line["section"]
            found[name] = [line["outcome"], line.get("reason", "")]
        elif "items" in line:
            found[name].append([item for item in line["items"] if item.get("key") != UNIT])
            found[name].append(line["relations"])
    return found


def test_the_hardened_service_sees_what_root_sees(host: SystemdHost, shared: Path) -> None:
    plain = host.run(PYTHON, "-I", str(shared / NAME), "--json", "once", "--print")
    once = unit(shared / NAME, PYTHON).replace(" run\n", f" --json once --print\nStandardOutput=file:{shared}/out\n")
    once = once.replace("Restart=always", "Type=oneshot")
    (shared / UNIT).write_text(once)
    host.run("cp", str(shared / UNIT), "/etc/systemd/system")
    host.run("systemctl", "daemon-reload")

    host.run("systemctl", "start", UNIT)

    seen, expected = sections((shared / "out").read_text()), sections(plain.stdout)
    host.run("rm", f"/etc/systemd/system/{UNIT}")
    assert seen.keys() == expected.keys()
    assert {name: seen[name] for name in seen if seen[name] != expected[name]} == {}
    assert sum(outcome == "collected" for outcome, *_ in seen.values()) > 15


def test_installed_it_reports_and_uninstalled_it_leaves_nothing(
    host: SystemdHost, shared: Path, store: dict[str, str], fingerprint: str
) -> None:
    token = answer(store, "token", "create", "web hosts", "--role", "enrol")["token"]
    file = shared / "token"
    file.touch(0o600)
    file.write_text(token)

    verified = ["--server", SERVER, "--fingerprint", fingerprint, "--token-file", str(file)]
    said = until(lambda: host.run(PYTHON, str(shared / NAME), "install", *verified, check=False), "connection refused")

    assert said.returncode == 0, said.stderr
    assert host.run("systemctl", "is-enabled", UNIT).stdout == "enabled\n"
    found = reported(store)
    assert host.run("systemctl", "is-active", UNIT).stdout == "active\n", host.console
    assert [one["name"] for one in found["items"]] == [os.uname().nodename]

    gone = host.run("/usr/local/bin/surveymark-agent", "uninstall")

    assert "surveymark agent revoke" in gone.stdout
    assert host.run("systemctl", "is-active", UNIT, check=False).stdout == "inactive\n"
    assert [p for p in PLACES if host.run("test", "-e", p, check=False).returncode == 0] == []


def until(done: Any, not_yet: str) -> Any:
    """What is done, tried again while the server is not there yet."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not_yet in (said := done()).stderr.lower() and time.monotonic() < end:
        time.sleep(0.2)
    return said


def reported(store: dict[str, str]) -> Any:
    """Hosts in the store, once there is one."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not (found := answer(store, "ci", "find", "class:Host"))["items"] and time.monotonic() < end:
        time.sleep(0.5)
    return found
