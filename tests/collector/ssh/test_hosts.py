"""One target from its session to a batch: seen in whole or in part, the same host, or no host at all."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from agent.fact import Shell
from agent.facts import FACTS
from agent.recording import RecordedShell
from cmdb.model.batch import decode
from collector.cli import nxos
from collector.execution import Execute, Executed
from collector.outcome import DONE, FAILED, INTERRUPTED, NOT_A_HOST, PARTLY, SAME_HOST, Evidence, Stopped
from collector.ssh.hosts import Hosts, Reporting, Session
from collector.ssh.known_hosts import KnownHosts
from collector.ssh.session import connect
from collector.ssh.shell import SshShell
from collector.target import Target
from collector.work import Guard, Job
from tests.agent.supplied import KEY, recorded
from tests.collector.cli.test_live import Device, answering
from tests.collector.cli.test_nxos import TOLD as NXOS
from tests.collector.looking import Line
from tests.collector.ssh.conftest import Site

EVIDENCE = Evidence("SSH-2.0-OpenSSH_9.2", "ssh-ed25519 SHA256:one", ("diffie-hellman-group14-sha256",))
WEB = Target("web", "10.0.0.1", zone="dmz")


class Opened:
    """A session; what runs over it is the shell's matter."""

    evidence = EVIDENCE
    closed = False

    @property
    def execute(self) -> Execute:
        return lambda *_, **__: Executed(b"", b"", 0)

    def close(self) -> None:
        self.closed = True


def hosts(shell: Shell | Stopped, *more: str) -> tuple[Hosts, Opened]:
    """Looking at what the recording of the lab has, and what is named beside."""
    opened, numbers = Opened(), itertools.count(7)

    def make(session: Session, target: Target) -> Shell:
        if isinstance(shell, Stopped):
            raise shell
        return shell

    reporting = Reporting(lambda target: f"ssh:1:{target.zone}", lambda: next(numbers), KEY, 3600, lambda: 10**15)
    facts = [FACTS[name] for name in ("dependencies", "flows", "network", "software", *more)]
    return Hosts(lambda target, connection, guard: opened, make, reporting, facts=facts), opened


class Broken(RecordedShell):
    """The session breaks after so many questions."""

    def __init__(self, whole: RecordedShell, answers: int) -> None:
        super().__init__({}, whole.privilege)
        self._whole, self._left = whole, answers

    def supply(self, needs: Iterable[Any]) -> dict[Any, Any]:
        if not self._left:
            raise Stopped(FAILED, "command", "the connection was reset", "try again")
        self._left -= 1
        return self._whole.supply(needs)


def test_a_host_that_tells_all_is_done_and_its_batch_is_of_the_ssh_route_and_the_zone() -> None:
    shell = recorded("debian12-lab")
    look, session = hosts(shell)
    found = look(Job(3, WEB), Line(), Guard())
    header = decode(found.batch).header

    assert (found.number, found.outcome.outcome, found.outcome.evidence) == (3, DONE, EVIDENCE), found.outcome
    assert found.outcome.items > 5
    assert (header.route, header.source, header.domain, header.sequence) == ("ssh", "ssh:1:dmz", "dmz", 7)
    assert (header.observed_at, header.interval_seconds) == (10**15, 3600)
    assert session.closed


def test_what_could_not_be_seen_is_named_with_reasons_and_the_remedy_of_an_account_without_rights() -> None:
    shell = recorded("debian12-lab")
    shell.privilege = "user"
    found = hosts(shell, "accounts")[0](Job(1, WEB), None, Guard())

    assert found.outcome.outcome == PARTLY
    assert found.outcome.sections_failed == ("accounts",)
    assert "/etc/group" in found.outcome.reason
    assert "--print-sudoers" in found.outcome.remedy
    assert found.batch


def test_what_rights_that_are_lent_do_not_show_is_told_as_an_ordinary_users_and_is_no_failure() -> None:
    shell = recorded("debian12-authorized-keys")
    shell.lent = True  # type: ignore[attr-defined]
    found = hosts(shell, "authorized_keys")[0](Job(1, WEB), None, Guard())

    [section] = [s for s in decode(found.batch).sections if s.name == "authorized_keys"]
    assert (section.outcome, section.privilege) == ("collected", "user")


def test_what_is_no_host_stops_with_what_was_learned_on_the_way() -> None:
    look, session = hosts(Stopped(NOT_A_HOST, "command", "it said '% Invalid input'", "sweep it by SNMP"))
    with pytest.raises(Stopped) as stop:
        look(Job(1, WEB), None, Guard())

    assert (stop.value.outcome, stop.value.evidence) == (NOT_A_HOST, EVIDENCE)
    assert session.closed


class Switch(Opened):
    """A device whose command line answers `show` commands; `evidence` as its SSH server tells of itself."""

    def __init__(self, answers: dict[str, bytes], ssh_version: str = "SSH-2.0-OpenSSH_9.2") -> None:
        self.evidence = Evidence(ssh_version, "ssh-rsa SHA256:two")
        self.device = Device(answers)

    @property
    def execute(self) -> Execute:
        return self.device


@pytest.mark.parametrize("ssh_version", ["SSH-2.0-Cisco-1.25", "SSH-2.0-OpenSSH_9.2"])
def test_a_device_without_a_shell_is_asked_over_its_own_command_line(ssh_version: str) -> None:
    switch = Switch({"show version": b"Cisco Nexus Operating System\n", **answering(nxos.QUESTIONS, NXOS)}, ssh_version)
    look, _ = hosts(Stopped(NOT_A_HOST, "command", "it said 'Syntax error'"))
    look.open = lambda target, connection, guard: switch

    found = look(Job(3, WEB), None, Guard())
    batch = decode(found.batch)

    assert (found.outcome.outcome, found.outcome.evidence) == (DONE, switch.evidence), found.outcome
    assert (batch.header.route, batch.header.source, batch.header.subject_class) == (
        "cli",
        "ssh:1:dmz",
        "NetworkDevice",
    )
    assert batch.header.marks["serials"] == ["FDO0001"]
    assert {s.name for s in batch.sections} == {"device", "forwarding", "hardware", "interfaces", "neighbours", "vlans"}
    assert switch.closed


def test_a_device_that_breaks_off_at_once_is_a_stop() -> None:
    broken = Stopped(FAILED, "command", "the connection was lost")
    switch = Switch({"show version": b"Arista DCS-7050\n", "show version | json": broken})  # type: ignore[dict-item]
    look, _ = hosts(Stopped(NOT_A_HOST, "command", "it said '% Invalid input'"))
    look.open = lambda target, connection, guard: switch

    with pytest.raises(Stopped, match="the connection was lost") as stop:
        look(Job(3, WEB), None, Guard())

    assert (stop.value.outcome, stop.value.evidence) == (FAILED, switch.evidence)


def test_a_real_server_in_front_of_a_command_line(
    at_site: Site, known: KnownHosts, free_port: Callable[[], int]
) -> None:
    """sshd runs what answers in the place of a shell; each command comes over a channel of its own."""
    answers = {"show version": b"Cisco Nexus Operating System\n", **answering(nxos.QUESTIONS, NXOS)}
    at_site.far.write("/opt/switch/answers.json", json.dumps({c: a.decode() for c, a in answers.items()}))
    at_site.far.write("/opt/switch/answer.py", ANSWERING)
    server = at_site.far.sshd(free_port(), options={"ForceCommand": f"{sys.executable} /opt/switch/answer.py"})
    look, _ = hosts(Stopped(FAILED, "command", "unused"))
    look.shell = lambda session, target: SshShell(session.execute, sweep="s1")
    look.open = lambda target, connection, guard: connect(at_site.target(server), [at_site.by_key()], known)

    found = look(Job(3, WEB), None, Guard())

    assert found.outcome.outcome == DONE, found.outcome
    assert decode(found.batch).header.route == "cli"


ANSWERING = """
import json, os, sys
answers = json.load(open("/opt/switch/answers.json"))
command = os.environ["SSH_ORIGINAL_COMMAND"]
if command not in answers:
    sys.stdout.write("Syntax error while parsing %r\\n" % command)
    sys.exit(16)
sys.stdout.write(answers[command])
"""


def test_a_session_that_breaks_at_once_is_a_stop_and_one_that_breaks_later_leaves_what_was_seen() -> None:
    whole = recorded("debian12-lab")
    with pytest.raises(Stopped, match="reset") as stop:
        hosts(Broken(whole, 0))[0](Job(1, WEB), None, Guard())
    later = hosts(Broken(whole, 2))[0](Job(1, WEB), None, Guard())

    assert (stop.value.phase, stop.value.evidence) == ("command", EVIDENCE)
    assert later.outcome.outcome == PARTLY
    assert "the connection was reset" in later.outcome.reason
    assert later.batch


def test_another_address_of_a_host_that_was_looked_at_is_not_looked_at_again() -> None:
    look, session = hosts(recorded("debian12-lab"))
    look(Job(1, WEB), None, Guard())
    with pytest.raises(Stopped) as stop:
        look(Job(2, Target("alias", "10.77.0.2", zone="dmz")), None, Guard())

    assert (stop.value.outcome, stop.value.reason) == (SAME_HOST, "the host that was looked at as web has this address")
    assert look(Job(3, Target("clone", "10.77.0.200", zone="dmz")), None, Guard()).outcome.outcome == DONE
    assert session.closed


def test_what_is_broken_off_closes_its_session() -> None:
    guard = Guard()
    guard.cancel(INTERRUPTED)
    look, session = hosts(Stopped(FAILED, "command", "the session is closed"))
    with pytest.raises(Stopped):
        look(Job(1, WEB), None, guard)

    assert session.closed
