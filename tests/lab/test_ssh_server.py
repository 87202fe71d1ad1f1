from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.hosts import Host, Lab
from tests.lab.ssh_keys import KeyPair, certify, key_pair


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    with Lab() as lab:
        yield lab.host("served")


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> KeyPair:
    return key_pair(tmp_path_factory.mktemp("keys"), "id")


def ssh(host: Host, key: KeyPair, port: int, user: str, *more: str, command: str = "id -un") -> str:
    done = subprocess.run(
        ["ip", "netns", "exec", host.namespace, "ssh", "-F", "none", "-p", str(port), "-i", str(key.private),
         "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", *more, f"{user}@{host.address}", command],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_two_servers_of_one_host_have_keys_of_their_own_and_take_an_account_key(
    host: Host, key: KeyPair, tmp_path: Path
) -> None:
    host.account("ops", password="not-asked", authorized_keys=[key.public])
    first, second = host.sshd(2201), host.sshd(2202, host_keys=("ecdsa-256",))
    known = tmp_path / "known_hosts"
    known.write_text(first.known_hosts + second.known_hosts)

    assert first.public_keys.keys() == {"ed25519"}
    assert second.public_keys.keys() == {"ecdsa"}
    for server in (first, second):
        assert ssh(host, key, server.port, "ops", "-o", f"UserKnownHostsFile={known}") == "ops\n"
    assert "Accepted publickey for ops" in second.log()


def test_a_server_may_trust_an_authority(host: Host, tmp_path: Path) -> None:
    authority, mine = key_pair(tmp_path, "authority"), key_pair(tmp_path, "mine")
    certify(authority, mine, "certified")
    host.account("certified")
    host.write("/etc/ssh/authority.pub", authority.public + "\n")
    server = host.sshd(2203, options={"TrustedUserCAKeys": "/etc/ssh/authority.pub"})
    known = tmp_path / "known_hosts"
    known.write_text(server.known_hosts)

    assert ssh(host, mine, 2203, "certified", "-o", f"UserKnownHostsFile={known}") == "certified\n"


def test_sockets_of_this_process_reach_the_hosts_from_their_network_and_not_from_outside(host: Host) -> None:
    host.sshd(2204)

    with host.network():
        for address in (host.address, host.address6, "127.0.0.1"):
            with socket.create_connection((address, 2204), timeout=10) as reached:
                assert reached.recv(4) == b"SSH-"
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", 2204), timeout=10)


def test_a_stopped_server_listens_no_more(host: Host) -> None:
    server = host.sshd(2205)

    server.stop()
    host.wait_for("sh", "-c", "! ss -Hltn sport = :2205 | grep -q .")

    with host.network(), pytest.raises(ConnectionRefusedError):
        socket.create_connection((host.address, 2205), timeout=10)
