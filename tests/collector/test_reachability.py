from __future__ import annotations

import resource
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.deadlines import Deadlines
from collector.outcome import Stopped
from collector.reachability import Pace, Reached, reach
from collector.target import Hop, Target
from tests.collector.ports import Deaf, Listener
from tests.lab.hosts import Host, Lab
from tests.lab.ssh_server import SshServer

QUICK = Deadlines(connect=0.5, banner=0.5)


def ends(*targets: Target, pace: Pace | None = None, deadlines: Deadlines = QUICK) -> dict[str, str]:
    found = {}
    for target, end in reach(targets, deadlines, pace or Pace()):
        if isinstance(end, Reached):
            found[target.name] = end.evidence.ssh_version or "reached"
            end.close()
        else:
            found[target.name] = f"{end.outcome} {end.phase}"
    return found


def test_each_way_of_answering_has_its_own_end(listeners: list[Listener], deaf: list[Deaf]) -> None:
    listeners += [
        Listener(), Listener(b"welcome\nSSH-2.0-Later\n"), Listener(b"220 mail\r\n"), Listener(b""),
        Listener(address="::1"),
    ]  # fmt: skip
    deaf.append(Deaf("127.9.0.1"))
    closed = Listener(address="127.9.0.2")
    closed.end()

    # Of one address one port after the other is tried.
    found = ends(
        *(listener.target(f"listener {n}") for n, listener in enumerate(listeners)),
        deaf[0].target("deaf"),
        closed.target("closed"),
        Target("name", "no-address.example"),
    )

    assert found == {
        "listener 0": "SSH-2.0-Test_1",
        "listener 1": "SSH-2.0-Later",
        "listener 2": "no_ssh banner",
        "listener 3": "timed_out banner",
        "listener 4": "SSH-2.0-Test_1",
        "deaf": "timed_out connect",
        "closed": "refused connect",
        "name": "unreachable resolve",
    }


def test_nothing_is_sent_to_what_answers() -> None:
    listener = Listener()

    for _, end in reach([listener.target()], QUICK):
        assert isinstance(end, Reached)
        taken = end.take()
        assert taken is not None
        assert end.take() is None
        assert taken[1].line == b"SSH-2.0-Test_1"
        taken[0].close()
    listener.end()

    assert listener.received == [b""]


def test_a_dead_address_costs_one_time_out_for_all_its_ports_and_jumps(deaf: list[Deaf]) -> None:
    deaf.append(Deaf("127.9.1.1"))
    address, port = deaf[0].address, deaf[0].port
    targets = [deaf[0].target("first"), *(Target(f"port {n}", address, n) for n in range(2000, 2040))]
    targets.append(Target("behind", "10.0.0.1", jumps=(Hop(address, port),)))
    deadlines = Deadlines(connect=1.0)

    start = time.monotonic()
    found = {target.name: end for target, end in reach(targets, deadlines)}

    assert time.monotonic() - start < 2 * deadlines.connect
    assert len(found) == 42
    for end in found.values():
        assert isinstance(end, Stopped)
        assert (end.outcome, end.phase) == ("timed_out", "connect")
    assert "not tried again" in str(found["port 2000"])
    assert str(found["behind"]).startswith(f"jump host {address} port {port}: ")


def test_a_target_is_tried_at_its_other_addresses_where_the_first_can_not_be_connected_to(
    listeners: list[Listener], deaf: list[Deaf]
) -> None:
    listeners.append(Listener(address="127.9.8.1"))
    port = listeners[0].port
    deaf.append(Deaf("127.9.8.2", port))
    mail = Listener(b"220 mail\r\n", "127.9.8.4", port)
    listeners.append(mail)
    targets = [
        Target("third", "127.9.8.2", port, alternatives=("127.9.8.3", "127.9.8.1")),
        Target("same", "127.9.8.2", port, alternatives=("127.9.8.1",)),
        Target("nowhere", "127.9.8.3", port, alternatives=("127.9.8.2", "127.9.8.5")),
        Target("mail", "127.9.8.4", port, alternatives=("127.9.8.1",)),
    ]

    found = dict(reach(targets, QUICK))

    for name in (0, 1):
        end = found[targets[name]]
        assert isinstance(end, Reached)
        assert end.address == "127.9.8.1"
        end.close()
    assert str(found[targets[2]]) == "nothing listens at the port"
    assert getattr(found[targets[3]], "outcome", "") == "no_ssh"


def test_targets_behind_one_jump_host_ask_it_once(listeners: list[Listener]) -> None:
    listeners.append(Listener())
    jump = Hop(listeners[0].address, listeners[0].port)

    found = ends(*(Target(f"t{n}", f"10.0.0.{n}", jumps=(jump,)) for n in range(30)))

    assert set(found.values()) == {"reached"}
    assert listeners[0].visits == 1


def test_dead_targets_wait_beside_each_other_and_hold_up_no_live_one(
    listeners: list[Listener], deaf: list[Deaf]
) -> None:
    deaf += [Deaf(f"127.9.2.{n}") for n in range(1, 61)]
    listeners += [Listener(address=f"127.9.3.{n}") for n in range(1, 31)]
    targets = [one.target() for pair in zip(deaf, [*listeners, *listeners]) for one in pair][:90]
    deadlines = Deadlines(connect=1.0)

    start = time.monotonic()
    found = ends(*targets, pace=Pace(per_second=2000, at_once=64, waiting=4), deadlines=deadlines)

    assert time.monotonic() - start < 2 * deadlines.connect
    assert sum(end == "timed_out connect" for end in found.values()) == 45
    assert sum(end == "SSH-2.0-Test_1" for end in found.values()) == 30


def test_connections_begin_at_the_rate_that_was_set(listeners: list[Listener]) -> None:
    listeners += [Listener(address=f"127.9.4.{n}") for n in range(1, 11)]

    start = time.monotonic()
    found = ends(*(one.target() for one in listeners), pace=Pace(per_second=20))

    assert len(found) == 10
    assert time.monotonic() - start >= 7 / 20  # a burst of two, then one each twentieth of a second


def test_only_so_many_live_connections_wait_for_a_worker(listeners: list[Listener]) -> None:
    listeners += [Listener(address=f"127.9.5.{n}") for n in range(1, 31)]
    pace = Pace(per_second=10_000, at_once=2, waiting=3)
    taken: list[str] = []

    def targets() -> Iterator[Target]:
        for one in listeners:
            taken.append(one.address)
            yield one.target()

    ahead = []
    for done, (_, end) in enumerate(reach(targets(), Deadlines(), pace)):
        assert isinstance(end, Reached)
        ahead.append(len(taken) - done)
        end.close()

    assert max(ahead) <= pace.waiting + pace.at_once + 1


def test_a_process_that_may_open_few_files_begins_fewer_at_once(deaf: list[Deaf]) -> None:
    deaf += [Deaf(f"127.9.9.{n}") for n in range(1, 25)]
    targets = [one.target() for one in deaf]
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(int(file.name) for file in Path("/proc/self/fd").iterdir())

    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 16, hard))
    try:
        found = ends(*targets, deadlines=Deadlines(connect=0.3))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert list(found.values()) == ["timed_out connect"] * 24


def test_leaving_early_closes_what_waits(listeners: list[Listener]) -> None:
    listeners += [Listener(address=f"127.9.6.{n}") for n in range(1, 11)]
    threads = threading.active_count()

    for _, end in reach(one.target() for one in listeners):
        assert isinstance(end, Reached)
        end.close()
        break

    assert threading.active_count() <= threads


def test_a_failing_source_of_targets_fails_the_look(listeners: list[Listener]) -> None:
    listeners.append(Listener())

    def targets() -> Iterator[Target]:
        yield listeners[0].target()
        raise ValueError("line 2 of the inventory")

    def look() -> None:
        for _, end in reach(targets()):
            assert isinstance(end, Reached)
            end.close()

    with pytest.raises(ValueError, match="line 2"):
        look()


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    with Lab() as lab:
        yield lab.host("near")


@pytest.fixture(scope="module")
def server(host: Host) -> SshServer:
    return host.sshd(22)


def test_a_real_server_says_its_version_over_both_families_and_no_route_is_said_at_once(
    host: Host, server: SshServer
) -> None:
    with host.network():
        found = ends(
            Target("four", host.address, server.port),
            Target("six", host.address6, server.port),
            Target("away", "203.0.113.1"),
            Target("away6", "2001:db8::1"),
            deadlines=Deadlines(),
        )

    assert found["four"] == found["six"]
    assert found["four"].startswith("SSH-2.0-OpenSSH_")
    assert found["away"] == found["away6"] == "unreachable connect"
