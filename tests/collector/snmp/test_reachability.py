"""Who has an SNMP agent: real ones, closed ports, silence, and what a network of dead addresses costs."""

from __future__ import annotations

import resource
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from collector.outcome import NO_CREDENTIAL, Stopped
from collector.secret import Secret
from collector.snmp import reachability
from collector.snmp.probe import Probe
from collector.snmp.reachability import ROUNDS, Answered, Pace, reach
from collector.target import SNMP, Target
from tests.collector.snmp.agents import free_port

QUICK = Pace(seconds=0.3)
PATIENT = Pace(seconds=20.0)
"""Where an answer comes, however busy the machine is."""


def target(port: int, address: str = "127.0.0.1", **more: tuple[str, ...]) -> Target:
    return Target(address, address, port, protocol=SNMP, **more)  # type: ignore[arg-type]


def probe(port: int, community: str | None = "public", name: str = "a") -> Probe:
    return Probe((name,), port, Secret(community) if community is not None else None)


class Deaf:
    """A UDP port that takes everything and says nothing, or always the same; counts what came from whom."""

    def __init__(self, address: str = "127.0.0.1", port: int = 0, says: bytes = b"") -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, port))
        self.port: int = self._socket.getsockname()[1]
        self.came: list[bytes] = []
        self._says = says
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            data, sender = self._socket.recvfrom(65535)
            if data == b"end":
                return
            self.came.append(data)
            for _ in range(30 if self._says else 0):
                self._socket.sendto(self._says, sender)

    def end(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.sendto(b"end", self._socket.getsockname())
        self._thread.join(10)
        self._socket.close()


@contextmanager
def deaf(*made: Deaf) -> Iterator[None]:
    try:
        yield
    finally:
        for one in made:
            one.end()


def end(of: Target, *probes: Probe, pace: Pace = QUICK) -> Answered | Stopped:
    ((_, found),) = reach([of], lambda _: probes, pace)
    return found


def test_a_real_agent_answers_a_community_and_the_discovery_of_its_engine(port: int) -> None:
    by_community = end(target(port), probe(port), pace=PATIENT)
    by_engine = end(target(port), probe(port, None, "user"), pace=PATIENT)

    assert isinstance(by_community, Answered)
    assert by_community.probe.credentials == ("a",)
    assert isinstance(by_engine, Answered)
    assert by_engine.probe.credentials == ("user",)


def test_a_wrong_community_is_followed_by_the_next_one(port: int) -> None:
    probes = [probe(port, text, name) for name, text in (("a", "wrong"), ("b", "public"), ("c", "later"))]
    found = end(target(port), *probes, pace=PATIENT)

    assert isinstance(found, Answered)
    assert found.probe.credentials == ("b",)


def test_who_answers_the_first_is_shown_no_other_credential(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    class Counted(Probe):
        def question(self, number: int) -> bytes:
            asked.append(self.credentials[0])
            return Probe.question(self, number)

    monkeypatch.setattr(reachability, "APART_SECONDS", 60.0)
    probes = [Counted((name,), port, Secret(text)) for name, text in (("a", "public"), ("b", "other"))]
    found = end(target(port), *probes, pace=PATIENT)

    assert isinstance(found, Answered)
    assert asked == ["a"]


def test_a_wrong_community_alone_is_silence_that_names_the_credential(port: int) -> None:
    found = end(target(port), probe(port, "wrong-community", "switches"))

    assert isinstance(found, Stopped)
    assert (found.outcome, found.phase) == ("timed_out", "connect")
    assert "switches" in found.reason
    assert "wrong-community" not in f"{found.reason}{found.remedy}"


def test_a_port_where_nothing_listens_is_told_without_waiting() -> None:
    port = free_port()
    found = end(target(port), probe(port), pace=Pace(seconds=30.0))

    assert isinstance(found, Stopped)
    assert (found.outcome, found.phase) == ("refused", "connect")


def test_a_silent_address_costs_one_set_of_probes() -> None:
    one = Deaf()
    with deaf(one):
        found = end(target(one.port), probe(one.port, "x"), probe(one.port, "y"), probe(one.port, None))

    assert isinstance(found, Stopped)
    assert found.outcome == "timed_out"
    assert len(one.came) == 3 * ROUNDS


def test_what_answers_with_garbage_is_taken_for_silent() -> None:
    one = Deaf(says=b"\x30\x82\xff\xff garbage")
    with deaf(one):
        found = end(target(one.port), probe(one.port), pace=Pace(seconds=5.0))

    assert isinstance(found, Stopped)
    assert found.outcome == "timed_out"


def test_the_next_address_of_a_name_is_asked_where_the_first_is_silent(port: int) -> None:
    one = Deaf("127.9.0.3", port)
    with deaf(one):
        found = end(target(port, "127.9.0.3", alternatives=("127.0.0.1",)), probe(port), pace=Pace(seconds=3.0))

    assert isinstance(found, Answered)
    assert found.address == "127.0.0.1"


def test_a_target_without_a_credential_is_sent_nothing() -> None:
    def ask(_: Target) -> list[Probe]:
        raise Stopped(NO_CREDENTIAL, "authentication", "none")

    ((_, found),) = reach([target(1)], ask)

    assert isinstance(found, Stopped)
    assert found.outcome == NO_CREDENTIAL


def test_an_address_that_is_none_is_said() -> None:
    found = end(target(161, "no-address.example"), probe(161))

    assert isinstance(found, Stopped)
    assert (found.outcome, found.phase) == ("unreachable", "resolve")


@pytest.mark.timeout(120)
def test_dead_addresses_wait_beside_each_other_and_cost_no_memory() -> None:
    # 127.0.0.0/8 is all of this machine: who binds 0.0.0.0 and says nothing is 1,200 silent addresses.
    one = Deaf("0.0.0.0")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    targets = (target(one.port, f"127.9.{n // 200}.{n % 200 + 1}") for n in range(1200))
    with deaf(one):
        found = [stop for _, stop in reach(targets, lambda _: [probe(one.port)], Pace(2000.0, 256, 0.2))]

    assert len(found) == 1200
    assert {stop.outcome for stop in found if isinstance(stop, Stopped)} == {"timed_out"}
    assert len(one.came) <= 1200 * ROUNDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32 * 1024


def test_addresses_under_way_leave_descriptors_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (16, 16))
    one = Deaf()
    with deaf(one):
        found = reach((target(one.port) for _ in range(40)), lambda _: [probe(one.port)], Pace(1e6, 40, 0.3))
        next(found)
        found.close()  # type: ignore[attr-defined]

        assert len(one.came) <= 12 * ROUNDS


def test_closing_the_iterator_ends_the_work() -> None:
    one = Deaf()
    with deaf(one):
        found = reach((target(one.port) for _ in range(10_000)), lambda _: [probe(one.port)], Pace(1e6, 8, 0.05))
        next(found)
        found.close()  # type: ignore[attr-defined]

        assert len(one.came) < 100
