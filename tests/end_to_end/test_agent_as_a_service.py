"""The agent under a real systemd: what its unit takes away from it changes nothing of what it sees."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.one_file import NAME, build
from agent.service import UNIT, unit
from tests.lab.systemd_host import SystemdHost, systemd_host

PYTHON = "/usr/bin/python3"


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
    assert seen.keys() == expected.keys()
    assert {name: seen[name] for name in seen if seen[name] != expected[name]} == {}
    assert sum(outcome == "collected" for outcome, *_ in seen.values()) > 15
