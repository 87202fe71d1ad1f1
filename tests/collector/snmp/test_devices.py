"""One device looked at: what comes of it, and how it ends."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from agent.fact import Collected, Cost, Failed, Outcome, SectionResult
from cmdb.model.batch import decode
from cmdb.model.values import Value
from collector.device.surveyed import Surveyed
from collector.outcome import Stopped
from collector.snmp.devices import Devices
from collector.snmp.mibs.snmpv2_mib import System
from collector.snmp.table import scalars
from collector.snmp.walk import Failed as TableFailed
from collector.snmp.walk import Walk
from collector.ssh.hosts import Reporting
from collector.work import Guard, Job
from tests.collector.snmp.test_signing_in import community, logins, target

MARKS: dict[str, Value] = {"vendor": "Example", "serials": ["FOC1234X0AB"]}


def section(outcome: Outcome) -> SectionResult:
    return SectionResult("device", 1, (), (), "full", outcome, Cost())


def survey(walk: Walk) -> Surveyed:
    assert scalars(System, walk.scalars(System)).name == "recorder"
    return Surveyed("NetworkDevice", MARKS, [section(Collected([], []))])


def devices(folder: Path, survey: object = survey) -> Devices:
    reporting = Reporting(lambda t: f"snmp:1@{t.endpoint}", lambda: 7)
    return Devices(logins(folder, community()), survey, reporting)  # type: ignore[arg-type]


def test_a_device_becomes_a_batch(port: int, tmp_path: Path) -> None:
    found = devices(tmp_path)(Job(3, target(port)), None, Guard())
    header = decode(found.batch).header

    assert (found.number, found.outcome.outcome, found.outcome.evidence.weak) == (3, "done", ("snmp v2c",))
    assert (header.route, header.sequence, header.source) == ("snmp", 7, f"snmp:1@127.0.0.1:{port}")
    assert header.marks == MARKS


@pytest.mark.parametrize(
    ("marks", "outcome", "ended"),
    [
        (MARKS, Failed("no answer to 3 questions"), ("timed_out", "command")),
        (MARKS, Failed("tooBig"), ("failed", "command")),
        ({}, Collected([], []), ("not_a_host", "parse")),
    ],
)
def test_a_device_of_which_nothing_is_known_has_an_end(
    port: int, tmp_path: Path, marks: dict[str, Value], outcome: Outcome, ended: tuple[str, str]
) -> None:
    look = devices(tmp_path, lambda walk: Surveyed("NetworkDevice", marks, [section(outcome)]))
    with pytest.raises(Stopped) as stopped:
        look(Job(1, target(port)), None, Guard())

    assert (stopped.value.outcome, stopped.value.phase) == ended
    assert stopped.value.evidence.weak == ("snmp v2c",)


@pytest.mark.parametrize(
    ("failed", "outcome"),
    [("timeout", "timed_out"), ("denied", "authentication_failed"), ("invalid", "failed")],
)
def test_a_device_that_does_not_say_what_it_is_has_an_end(port: int, tmp_path: Path, failed: str, outcome: str) -> None:
    def nothing(_: Walk) -> Surveyed:
        raise TableFailed(failed, "SNMPv2-MIB: it broke off")

    with pytest.raises(Stopped) as stopped:
        devices(tmp_path, nothing)(Job(1, target(port)), None, Guard())

    assert (stopped.value.outcome, stopped.value.phase) == (outcome, "command")
    assert "it broke off" in stopped.value.reason


def test_a_look_that_is_broken_off_asks_no_more(port: int, tmp_path: Path) -> None:
    guard = Guard()

    def breaking(walk: Walk) -> Surveyed:
        guard.cancel("interrupted")
        return Surveyed("NetworkDevice", MARKS, [section(Collected([], []))])

    with pytest.raises(Stopped) as stopped:
        devices(tmp_path, breaking)(Job(1, target(port)), None, guard)

    assert stopped.value.outcome == "interrupted"


def test_a_look_that_is_broken_off_before_it_is_let_in_offers_nothing_more(tmp_path: Path) -> None:
    guard = Guard()
    guard.cancel("interrupted")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        one.setblocking(False)
        with pytest.raises(Stopped) as stopped:
            devices(tmp_path)(Job(1, target(one.getsockname()[1])), None, guard)
        with pytest.raises(BlockingIOError):
            one.recv(65535)

    assert (stopped.value.outcome, stopped.value.phase) == ("interrupted", "authentication")
