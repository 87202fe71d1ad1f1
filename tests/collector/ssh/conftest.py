"""Two real hosts for the tests of sessions: the collector's own, and one with SSH servers; made once for all of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from collector.login import KeyFile, Login
from collector.secret import Secret
from collector.ssh.known_hosts import KnownHosts
from collector.target import Target
from tests.lab.hosts import Host, Lab
from tests.lab.ssh_keys import KeyPair, key_pair
from tests.lab.ssh_server import SshServer

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Site:
    """`near` is where the collector runs, `far` has the servers; `key` opens ops and root there, PASSWORD too."""

    near: Host
    far: Host
    key: KeyPair
    server: SshServer
    folder: Path

    def target(self, server: SshServer | None = None, **more: object) -> Target:
        port = (server or self.server).port
        return Target("far", self.far.address, port, **more)  # type: ignore[arg-type]

    def by_key(self, user: str = "ops", name: str = "by-key") -> Login:
        return Login(name, user, keys=(KeyFile(self.key.private),))

    def by_password(self, user: str = "ops", text: str = PASSWORD, *, names_range: bool = True) -> Login:
        return Login("by-password", user, password=Secret(text), names_range=names_range)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    assert os.geteuid() == 0, "hosts are namespaces: run this test as root"
    folder = tmp_path_factory.mktemp("site")
    key = key_pair(folder, "id")
    with Lab() as lab:
        near, far = lab.host("near"), lab.host("far")
        far.account("ops", password=PASSWORD, authorized_keys=[key.public])
        far.account("other", password=PASSWORD, authorized_keys=[key.public])
        far.account("root", authorized_keys=[key.public])
        yield Site(near, far, key, far.sshd(22, host_keys=("ed25519", "ecdsa-256")), folder)


@pytest.fixture
def known(tmp_path: Path) -> KnownHosts:
    """Nobody is known yet."""
    return KnownHosts(tmp_path / "state" / "known_hosts", ())


@pytest.fixture
def at_site(site: Site) -> Iterator[Site]:
    """The test's sockets are opened on the near host."""
    with site.near.network():
        yield site


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """Ports of the far host, each once."""
    numbers = iter(range(2300, 2600))
    return lambda: next(numbers)
