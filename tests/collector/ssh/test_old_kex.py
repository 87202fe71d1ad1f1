from __future__ import annotations

from collections.abc import Callable

import pytest

from collector.ssh.known_hosts import KnownHosts
from collector.ssh.old_kex import KexGroup1SHA1
from collector.ssh.session import connect
from tests.collector.ssh.conftest import Site


@pytest.mark.parametrize("name", ["diffie-hellman-group1-sha1", "diffie-hellman-group14-sha1"])
def test_openssh_agrees_on_the_same_keys(
    at_site: Site, known: KnownHosts, free_port: Callable[[], int], name: str
) -> None:
    server = at_site.far.sshd(free_port(), options={"KexAlgorithms": name})

    with connect(at_site.target(server), [at_site.by_key()], known, allow_old=True) as session:
        assert session.execute("echo agreed", b"", limit=100, seconds=20).stdout == b"agreed\n"
        assert session.evidence.weak == (name,)


def test_the_group_is_a_safe_prime_of_1024_bits() -> None:
    prime = KexGroup1SHA1.P

    assert prime.bit_length() == 1024
    assert all(pow(base, number - 1, number) == 1 for number in (prime, prime // 2) for base in (2, 3, 5, 7))
