"""Running software and its endpoints."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent.addresses import address
from agent.fact import Collected, Content, Failed, Missing
from agent.facts import software
from agent.shell import LocalShell
from cmdb.model.classes import CLASSES
from cmdb.model.values import problem
from tests.agent.supplied import made, recorded, run

NOON = 1_795_000_000_000_000
LAB = Path(__file__).resolve().parent / "lab_of_software.py"


def test_the_recorded_software() -> None:
    shell = recorded("debian12-lab")
    outcome = run(software, shell, own_pids=shell.own_pids, observed_at_us=NOON)

    assert isinstance(outcome, Collected)
    found = {(type(i).__name__, i.local_key()): i for i in outcome.items}
    postgres = found["SoftwareInstance", "path postgres /var/lib/postgresql/15/main"]
    assert postgres.attributes() == {
        "instance": "path postgres /var/lib/postgresql/15/main",
        "name": "postgres",
        "kind": "database",
        "executable": "/usr/lib/postgresql/15/bin/postgres",
        "command": "/usr/lib/postgresql/15/bin/postgres -D /var/lib/postgresql/15/main -c listen_addresses=127.0.0.1",
        "user": "postgres",
        "ports": ["tcp/5432"],
    }
    readings = postgres.readings()
    assert readings["pids"] == [62, 63, 64, 66, 67, 68, 75]
    assert str(readings["started_at"]).startswith("2026-11-18T11:06:3")
    assert found["Endpoint", "tcp/127.0.0.1/5432"].attributes()["exposed"] is False
    assert found["Endpoint", "tcp/::/22"].attributes() == {
        "name": "tcp [::]:22",
        "protocol": "tcp",
        "address": "::",
        "port": 22,
        "exposed": True,
    }
    edges = {(r.subject[1], r.object[1]) for r in outcome.relations}  # type: ignore[index]
    assert ("exe /opt/app.py root 8000", "tcp/::/8000") in edges
    assert len(edges) == 8


def test_secrets_of_a_command_line_never_leave_the_fact() -> None:
    shell = recorded("debian12-lab")
    outcome = run(software, shell, own_pids=shell.own_pids)

    assert isinstance(outcome, Collected)
    assert "abcdef0123456789" not in repr(outcome)
    app = next(i for i in outcome.items if i.local_key() == "exe /opt/app.py root 8000")
    assert app.attributes()["command"] == "/usr/bin/python3 /opt/app.py --token=***"


def test_all_that_is_told_is_valid_and_nothing_volatile_is_an_attribute() -> None:
    shell = recorded("debian12-lab")
    outcome = run(software, shell, own_pids=shell.own_pids, observed_at_us=NOON)

    assert isinstance(outcome, Collected)
    for item in outcome.items:
        declared = CLASSES[type(item).__name__]
        for name, value in item.attributes().items():
            assert problem(value, declared.attributes[name].type) == ""
            assert not {"62", "63", "85"} & set(str(value).split())


def test_an_ordinary_user_sees_endpoints_without_their_holders() -> None:
    full = recorded("debian12-lab")
    supplied = dict(full.supply(software.NEEDS))
    for need, found in supplied.items():
        if "/exe" in str(need) or "/fd/" in str(need):
            assert isinstance(found, dict)
            supplied[need] = {path: Missing("denied", "not yours") for path in found}

    root = run(software, full, own_pids=full.own_pids)
    user = run(software, made(supplied, "user"), own_pids=full.own_pids)

    assert isinstance(root, Collected)
    assert isinstance(user, Collected)
    fixed = {"tcp/0.0.0.0/22", "tcp/127.0.0.1/5432", "tcp/::/8000", "udp/127.0.0.1/161"}
    assert fixed <= {i.local_key() for i in user.items if type(i).__name__ == "Endpoint"}
    assert user.relations == []
    assert {type(i).__name__ for i in user.items} == {"Endpoint"}


def test_a_socket_table_that_is_not_understood_fails_the_section() -> None:
    supplied = dict(recorded("debian12-lab").supply(software.NEEDS))
    table = next(need for need in supplied if "/proc/net/tcp'" in str(need))
    supplied[table] = Content(b"  sl  local_address\n  0: rubbish\n")

    outcome = run(software, made(supplied))

    assert isinstance(outcome, Failed)
    assert "rubbish" in outcome.reason


def test_this_machine_has_the_endpoints_that_ss_lists() -> None:
    before = listed()
    outcome = run(software, LocalShell())  # type: ignore[arg-type]
    after = listed()

    assert isinstance(outcome, Collected)
    found = {i.local_key() for i in outcome.items if type(i).__name__ == "Endpoint"}
    # Others start and stop listening meanwhile; a port that the kernel gave out counts only when a command line names it.
    first, last = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    chosen = {key for key in before & after if not first <= int(key.rpartition("/")[2]) <= last}
    assert chosen <= found <= before | after


def test_a_host_under_load_looks_the_same_twice() -> None:
    """In namespaces of its own, with a server, a client, a daemon and a load of short-lived processes."""
    if os.geteuid() != 0:
        pytest.fail("this test makes namespaces: run it as root")
    command = ["unshare", "--net", "--pid", "--fork", "--mount-proc", sys.executable, str(LAB)]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, cwd=Path.cwd(), timeout=120).stdout)

    assert told["first"] == told["second"]
    keys = [key for name, key in told["first"]["items"] if name == "SoftwareInstance"]
    assert [k.replace(str(LAB.parent), "") for k in keys] == [
        "exe /lab_of_software.py root",
        "exe /lab_of_software.py root 7001",
    ]
    assert told["listed"] == [key for name, key in told["first"]["items"] if name == "Endpoint"]
    assert told["flows"] == [[["Endpoint", "tcp/127.0.0.1/7001"], 1]]


def listed() -> set[str]:
    """Keys of what `ss` lists as listening."""
    text = subprocess.run(["ss", "-Hltnu"], check=True, capture_output=True, text=True).stdout
    keys = set()
    for line in text.splitlines():
        protocol, _, _, _, local, *_ = line.split()
        host, _, port = local.rpartition(":")
        shown = str(address(host.partition("%")[0])) if host != "*" else "::"
        keys.add(f"{protocol}/{shown}/{port}")
    return keys
