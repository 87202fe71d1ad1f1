"""A host with a real systemd: units are started and enabled in it, and nothing of it stays."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.systemd_host import SystemdHost, systemd_host

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="namespaces need root")


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SystemdHost]:
    with systemd_host(tmp_path_factory.mktemp("host")) as found:
        yield found


def test_a_service_is_enabled_and_runs(host: SystemdHost) -> None:
    unit = Path("/etc/systemd/system/lab-test.service")
    text = "[Service]\nExecStart=/usr/bin/sleep 600\n[Install]\nWantedBy=multi-user.target\n"
    host.run("bash", "-c", f"printf '{text}' >{unit}".replace("\n", "\\n"))

    host.run("systemctl", "daemon-reload")
    host.run("systemctl", "enable", "--now", "lab-test.service")

    assert host.run("systemctl", "is-active", "lab-test.service").stdout == "active\n"
    assert host.run("systemctl", "is-enabled", "lab-test.service").stdout == "enabled\n"
    assert not unit.exists(), "the host wrote to the machine"


def test_it_has_no_network_but_its_own(host: SystemdHost) -> None:
    addresses = host.run("ip", "-brief", "address").stdout.split()

    assert addresses[0] == "lo"
    assert [word for word in addresses if "." in word] == ["127.0.0.1/8"]
