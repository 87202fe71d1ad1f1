from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from paramiko.common import cMSG_CHANNEL_DATA
from paramiko.message import Message

from collector.deadlines import Deadlines
from collector.outcome import Stopped
from collector.reachability import Reached, Unanswered, reach
from collector.ssh.jumps import Jumps
from collector.ssh.known_hosts import KnownHosts
from collector.ssh.session import Session, connect
from collector.target import Hop, Target
from tests.collector.ssh.conftest import Site
from tests.lab.ssh_server import SshServer

DEADLINES = Deadlines(connect=2.0)


@pytest.fixture(scope="module")
def inner(site: Site) -> SshServer:
    """A server that only the far host itself can reach."""
    return site.far.sshd(2290, listen=["127.0.0.1"])


@pytest.fixture
def unanswered() -> Unanswered:
    return Unanswered()


@pytest.fixture
def jumps(at_site: Site, known: KnownHosts, unanswered: Unanswered) -> Iterator[Jumps]:
    def sign_in(hop: Target, jumps: Jumps) -> Session:
        user = hop.user or "other"
        return connect(hop, [at_site.by_key(user)], known, DEADLINES, jumps=jumps, unanswered=unanswered)

    jumps = Jumps(sign_in)
    yield jumps
    jumps.close()


def behind(site: Site, *hops: Hop, port: int = 2290, address: str = "127.0.0.1") -> Target:
    return Target("behind", address, port, zone="inner", jumps=hops or (Hop(site.far.address),))


def test_a_target_behind_a_jump_host_is_signed_in_to(
    at_site: Site, known: KnownHosts, jumps: Jumps, inner: SshServer
) -> None:
    target = behind(at_site)

    for _, end in reach([target]):
        assert isinstance(end, Reached)
        with connect(target, [at_site.by_key()], known, jumps=jumps, reached=end) as session:
            assert session.execute("id -un; echo $SSH_CONNECTION", b"", limit=100, seconds=20).stdout.startswith(
                b"ops\n127.0.0.1 "
            )
            assert session.execute("cat", b"x" * 300_000, limit=400_000, seconds=30).stdout == b"x" * 300_000
    with connect(target, [at_site.by_key()], known, jumps=jumps) as again:  # known by now, in its zone
        assert again.evidence.host_key == session.evidence.host_key


def test_one_session_with_a_jump_host_carries_all_targets_behind_it(
    at_site: Site, known: KnownHosts, jumps: Jumps, inner: SshServer, free_port: Callable[[], int]
) -> None:
    server = at_site.far.sshd(free_port())
    done: list[bytes] = []

    def look() -> None:
        with (
            at_site.near.network(),
            connect(
                behind(at_site, Hop(at_site.far.address, server.port)), [at_site.by_key()], known, jumps=jumps
            ) as session,
        ):
            done.append(session.execute("echo done", b"", limit=100, seconds=20).stdout)

    threads = [threading.Thread(target=look) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert done == [b"done\n"] * 6
    assert server.logged("Accepted publickey for other")
    assert server.log().count("Accepted publickey for other") == 1


def test_what_is_sent_behind_the_close_of_a_channel_does_not_end_the_session_with_the_jump_host(
    at_site: Site, known: KnownHosts, jumps: Jumps, inner: SshServer
) -> None:
    """A thread that sends while another one closes; OpenSSH ends a connection on which that arrives."""
    target = behind(at_site)
    with connect(target, [at_site.by_key()], known, jumps=jumps) as session:
        hop = next(iter(jumps._hops.values())).session
        assert hop is not None
        late = Message()
        late.add_byte(cMSG_CHANNEL_DATA)
        late.add_int(session.wire._carrier.remote_chanid)  # type: ignore[attr-defined]
        late.add_string(b"too late")
    hop.wire._send_user_message(late)  # type: ignore[attr-defined]

    for _ in range(3):  # channels whose numbers are given out again
        with connect(target, [at_site.by_key()], known, jumps=jumps) as session:
            assert session.execute("echo done", b"", limit=100, seconds=20).stdout == b"done\n"
    assert next(iter(jumps._hops.values())).session is hop


def test_jump_hosts_may_follow_one_another(at_site: Site, known: KnownHosts, jumps: Jumps, inner: SshServer) -> None:
    hops = (Hop(at_site.far.address), Hop("localhost", 2290, user="ops"))

    with connect(behind(at_site, *hops), [at_site.by_key()], known, jumps=jumps) as session:
        assert session.execute("id -un", b"", limit=100, seconds=20).stdout == b"ops\n"


def test_a_lost_session_with_a_jump_host_is_made_anew(
    at_site: Site, known: KnownHosts, jumps: Jumps, inner: SshServer
) -> None:
    target = behind(at_site)
    connect(target, [at_site.by_key()], known, jumps=jumps).close()
    next(iter(jumps._hops.values())).session.close()  # type: ignore[union-attr]

    connect(target, [at_site.by_key()], known, jumps=jumps).close()


def test_how_a_way_ends_is_told_with_its_jump_host(
    at_site: Site, known: KnownHosts, jumps: Jumps, free_port: Callable[[], int]
) -> None:
    shut = at_site.far.sshd(free_port(), options={"AllowTcpForwarding": "no"})
    ends = {
        "closed port": behind(at_site, port=1),
        "no route": behind(at_site, address="203.0.113.1"),
        "no forwarding": behind(at_site, Hop(at_site.far.address, shut.port)),
        "no account": behind(at_site, Hop(at_site.far.address, user="nobody-here")),
        "jump refused": behind(at_site, Hop(at_site.far.address, 1)),
    }
    found = {}

    for name, target in ends.items():
        with pytest.raises(Stopped) as caught:
            connect(target, [at_site.by_key()], known, DEADLINES, jumps=jumps)
        found[name] = (caught.value.outcome, caught.value.phase)
        assert at_site.far.address in caught.value.reason

    assert found == {
        "closed port": ("refused", "connect"),
        "no route": ("unreachable", "connect"),
        "no forwarding": ("failed", "connect"),
        "no account": ("authentication_failed", "authentication"),
        "jump refused": ("refused", "connect"),
    }


def test_a_jump_host_that_fails_is_tried_once(
    at_site: Site, known: KnownHosts, jumps: Jumps, free_port: Callable[[], int]
) -> None:
    server = at_site.far.sshd(free_port())
    targets = [
        Target(f"t{n}", f"10.0.0.{n}", jumps=(Hop(at_site.far.address, server.port, user="nobody-here"),))
        for n in range(5)
    ]

    for target in targets:
        with pytest.raises(Stopped, match="jump host"):
            connect(target, [at_site.by_key()], known, jumps=jumps)

    assert server.log().count("Connection from") == 1


def test_a_dead_address_behind_a_jump_host_costs_one_time_out(
    at_site: Site, known: KnownHosts, jumps: Jumps, unanswered: Unanswered
) -> None:
    # An address of the lab's own network that nobody has: the jump host waits for an answer to its ARP requests.
    dead = [behind(at_site, address="10.88.0.200", port=port) for port in (22, 2222, 2223)]
    start = time.monotonic()

    for target in dead:
        with pytest.raises(Stopped) as caught:
            connect(target, [at_site.by_key()], known, DEADLINES, jumps=jumps, unanswered=unanswered)
        assert caught.value.outcome in ("timed_out", "unreachable")

    assert "not tried again" in caught.value.reason
    assert time.monotonic() - start < 2 * DEADLINES.connect + 2


def test_without_jump_hosts_a_target_behind_one_is_not_tried(at_site: Site, known: KnownHosts) -> None:
    with pytest.raises(Stopped, match="behind a jump host"):
        connect(behind(at_site), [at_site.by_key()], known)
