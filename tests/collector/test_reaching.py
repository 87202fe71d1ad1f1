"""Targets of two protocols, found side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from collector.outcome import Stopped
from collector.reaching import by_protocol
from collector.target import Target
from collector.work import Connection
from tests.collector.looking import Answering, Line


def targets(count: int) -> list[Target]:
    return [Target(f"{n}", "10.0.0.1", protocol=("ssh", "snmp")[n % 2]) for n in range(count)]


def test_each_target_is_found_once_by_those_who_know_its_protocol() -> None:
    ssh, snmp = Answering(), Answering({"3": Stopped("timed_out", "connect", "silent")})

    found = list(by_protocol({"ssh": ssh, "snmp": snmp})(targets(20)))

    assert sorted(int(target.name) for target, _ in found) == list(range(20))
    assert [target.name for target, end in found if isinstance(end, Stopped)] == ["3"]
    assert (len(ssh.lines), len(snmp.lines)) == (10, 9)
    assert ssh.closed
    assert snmp.closed


def test_one_that_is_slow_does_not_hold_the_other_back() -> None:
    many = [Target(f"{n}", "10.0.0.1", protocol="ssh") for n in range(50)]
    waiting: list[Target] = []

    def late(given: Iterable[Target]) -> Iterator[tuple[Target, Connection | Stopped]]:
        waiting.extend(given)
        for target in waiting:
            yield target, Line()

    reach = by_protocol({"ssh": Answering(), "snmp": late})
    found = [target.protocol for target, _ in reach([*many, Target("x", "10.0.0.1", protocol="snmp")])]

    assert (found.count("ssh"), found.count("snmp")) == (50, 1)


def test_an_error_of_one_is_raised_and_what_was_found_is_closed() -> None:
    good = Answering()

    def broken(given: Iterable[Target]) -> Iterator[tuple[Target, Connection | Stopped]]:
        for _ in given:
            raise RuntimeError("no selector")
        return iter(())

    with pytest.raises(RuntimeError, match="no selector"):
        list(by_protocol({"ssh": good, "snmp": broken})(targets(40)))

    assert good.closed


def test_closing_it_ends_all_of_it_and_lets_connections_go() -> None:
    ssh, snmp = Answering(), Answering()
    found = by_protocol({"ssh": ssh, "snmp": snmp})(targets(1000))
    _, first = next(found)
    found.close()  # type: ignore[attr-defined]

    assert ssh.closed
    assert snmp.closed
    assert all(line.closed for line in (*ssh.lines, *snmp.lines) if line is not first)


def test_a_protocol_that_nobody_speaks_is_said() -> None:
    with pytest.raises(ValueError, match="nobody asks by telnet"):
        list(by_protocol({"ssh": Answering()})([Target("x", "10.0.0.1", protocol="telnet")]))
