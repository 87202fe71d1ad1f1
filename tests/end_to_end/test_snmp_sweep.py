"""`surveymark sweep` of hosts that answer by SSH and by SNMP: each way has an end of its own, and both are of one item."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.test_sweep import Desk
from tests.lab.hosts import Host, Lab
from tests.lab.ssh_keys import key_pair

CREDENTIALS = """
[credential.agents]
kind = "snmp"
version = "2c"
community = "file:{folder}/community"
ranges = ["10.88.0.0/24"]
"""


class Site:
    """A host with both, one with an agent of SNMP alone, one with neither, and the desk."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        key = key_pair(folder, "id")
        desk, self.both, self.device, self.quiet = (lab.host(name) for name in ("desk", "both", "device", "quiet"))
        # Of a mere namespace the addresses tell no machine, since it may share them with others; this is one with its own.
        self.both.write("/run/systemd/container", "systemd-nspawn\n")
        self.both.account("root", authorized_keys=[key.public])
        self.both.sshd()
        for host in (self.both, self.device):
            agent(host)
        self.desk = Desk(desk, folder, key)
        community = folder / "community"
        community.write_text("lab-community\n")
        community.chmod(0o600)
        file = folder / "config" / "credentials.toml"
        file.write_text(file.read_text() + CREDENTIALS.format(folder=folder))


def agent(host: Host) -> None:
    """A real snmpd on a host."""
    host.write("/etc/lab-snmpd.conf", f"rocommunity lab-community\nsysName {host.name}\n")
    host.spawn("/usr/sbin/snmpd", "-f", "-Lf", "/run/snmpd.log", "-C", "-c", "/etc/lab-snmpd.conf", "udp:161")
    host.wait_for("snmpget", "-v2c", "-c", "lab-community", "-t", "1", "-r", "0", "127.0.0.1", "1.3.6.1.2.1.1.3.0")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    assert os.geteuid() == 0, "hosts are namespaces: run this test as root"
    folder = tmp_path_factory.mktemp("sweep")
    with Lab([folder]) as lab:
        yield Site(lab, folder)


@pytest.mark.timeout(240)
def test_a_host_that_answers_both_ways_is_one_item(site: Site) -> None:
    found = site.desk("sweep", site.both.address, site.device.address, site.quiet.address, status=3)
    ends = {(end["target"], end["protocol"]): end for end in found["targets"]}
    by_ssh, by_snmp = ends[site.both.address, "ssh"], ends[site.both.address, "snmp"]

    assert {key: end["outcome"] for key, end in ends.items()} == {
        (site.both.address, "ssh"): "done",
        (site.both.address, "snmp"): "done",
        (site.device.address, "ssh"): "refused",
        (site.device.address, "snmp"): "done",
        (site.quiet.address, "ssh"): "refused",
        (site.quiet.address, "snmp"): "refused",
    }, ends
    # What answered first, or knew less, may have been an item of its own for a moment; its id tells of the one that both became.
    both = site.desk("ci", "show", by_ssh["ci"])
    assert site.desk("ci", "show", by_snmp["ci"])["id"] == both["id"]
    assert ends[site.device.address, "snmp"]["ci"] not in (None, by_ssh["ci"], by_snmp["ci"])
    assert both["name"] == "both"
    assert site.desk("conflict", "list")["total"] == 0
