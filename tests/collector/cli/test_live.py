"""A device that is asked over a session."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from agent.fact import Collected, Failed
from collector.cli import eos, nxos
from collector.cli.live import ask, has_no_shell, recognised
from collector.execution import Executed
from collector.outcome import NOT_A_HOST, TIMED_OUT, Stopped
from tests.collector.cli.test_eos import TOLD as EOS
from tests.collector.cli.test_nxos import TOLD as NXOS

INVALID = b"% Invalid command at '^' marker.\n"


class Device:
    """Answers commands from a table; what it does not know it refuses. Remembers what it was asked."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self._answers, self.asked = answers, list[str]()

    def __call__(self, command: str, stdin: bytes, *, limit: int, seconds: float, **_: Any) -> Executed:
        self.asked.append(command)
        found = self._answers.get(command, INVALID)
        if isinstance(found, Stopped):
            raise found
        return found if isinstance(found, Executed) else Executed(found, b"", 0)


def answering(questions: Any, told: Mapping[str, Any], form: int = 0) -> dict[str, bytes]:
    """What a device answers to one command of each question."""
    made = {}
    for question in questions:
        if question.name in told:
            answer = told[question.name]
            made[question.commands[form]] = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
    return made


@pytest.mark.parametrize(
    ("version", "system"),
    [
        (b"Cisco Nexus Operating System (NX-OS) Software\nTAC support: http://www.cisco.com/tac\n", "nxos"),
        (b"Arista DCS-7050SX3-48YC8-F\nHardware version: 11.00\nSoftware image version: 4.30.1F\n", "eos"),
        (b"Hostname: sw1\nModel: qfx5120-48y-8c\nJunos: 21.2R3\nJUNOS OS Kernel 64-bit\n", "junos"),
        (b"Cisco IOS Software, C2960 Software\n", None),
        (b"", None),
        (INVALID, None),
    ],
)
def test_a_system_is_known_by_its_own_words(version: bytes, system: str | None) -> None:
    found = recognised(Device({"show version": version}))

    assert (found.name if found else None) == system


def test_the_version_of_a_server_may_tell_that_there_is_no_shell() -> None:
    assert has_no_shell("SSH-2.0-Cisco-1.25")
    assert not has_no_shell("SSH-2.0-OpenSSH_9.2")


def test_every_question_is_asked_once_in_the_form_that_the_device_knows() -> None:
    device = Device(answering(nxos.QUESTIONS, NXOS, form=1))

    asked = ask(device, nxos.SYSTEM)
    found = nxos.SYSTEM.survey(asked.answers, asked.seconds)

    assert {r.section for r in found.sections if not isinstance(r.outcome, Collected)} == set()
    assert len(device.asked) == len(set(device.asked))
    assert all(command.startswith("show ") for command in device.asked)


def test_what_a_device_does_not_know_fails_for_itself() -> None:
    answers = answering(eos.QUESTIONS, EOS)
    del answers["show inventory | json"]
    answers["show lldp neighbors detail | json"] = Executed(b"", b"timeout", 1)  # type: ignore[assignment]
    answers["show vlan brief | json"] = Stopped(NOT_A_HOST, "command", "it opens no session")  # type: ignore[assignment]

    asked = ask(Device(answers), eos.SYSTEM)
    outcomes = {r.section: r.outcome for r in eos.SYSTEM.survey(asked.answers).sections}

    assert asked.stop is None
    assert outcomes["hardware"] == Failed("'show inventory | json' was refused: % Invalid command at '^' marker.")
    assert outcomes["neighbours"] == Failed("'show lldp neighbors detail | json' ended with status 1: timeout")
    assert outcomes["vlans"] == Failed("'show vlan brief | json': it opens no session")
    assert isinstance(outcomes["interfaces"], Collected)


def test_a_session_that_breaks_fails_all_that_was_not_yet_asked() -> None:
    answers = answering(eos.QUESTIONS, EOS)
    answers["show interfaces | json"] = Stopped(TIMED_OUT, "command", "no end within 45 s")  # type: ignore[assignment]
    device = Device(answers)

    asked = ask(device, eos.SYSTEM)
    outcomes = {r.section: r.outcome for r in eos.SYSTEM.survey(asked.answers).sections}

    assert asked.stop is not None
    assert device.asked[-1] == "show interfaces | json"
    assert isinstance(outcomes["device"], Collected)
    assert outcomes["neighbours"] == Failed("'show lldp neighbors detail | json': no end within 45 s")


def test_an_answer_beyond_bounds_is_none() -> None:
    answers = answering(eos.QUESTIONS, EOS)
    answers["show lldp neighbors detail | json"] = Executed(b"{", b"", None, cut=True)  # type: ignore[assignment]

    outcomes = {r.section: r.outcome for r in eos.SYSTEM.survey(ask(Device(answers), eos.SYSTEM).answers).sections}

    assert "more than 32 MiB" in getattr(outcomes["neighbours"], "reason", "")


@pytest.mark.parametrize(
    ("blank", "why"),
    [
        (Executed(b"", b"ERROR: no memory", 0), "printed nothing but an error: ERROR: no memory"),
        (Executed(b"\n", b"", None), "printed nothing and told no status"),
    ],
)
@pytest.mark.parametrize(
    ("question", "section"), [("lldp", "neighbours"), ("stations", "forwarding"), ("addresses6", "interfaces")]
)
def test_an_answer_that_did_not_come_is_no_empty_table(question: str, section: str, blank: Executed, why: str) -> None:
    answers: dict[str, Any] = answering(nxos.QUESTIONS, NXOS)
    answers[next(q.commands[0] for q in nxos.QUESTIONS if q.name == question)] = blank

    outcomes = {r.section: r.outcome for r in nxos.SYSTEM.survey(ask(Device(answers), nxos.SYSTEM).answers).sections}

    assert why in getattr(outcomes[section], "reason", "")


def test_only_a_table_that_may_be_empty_may_print_nothing() -> None:
    told = {**NXOS, "lldp": "", "cdp": "", "stations": "", "addresses6": ""}
    found = ask(Device(answering(nxos.QUESTIONS, told)), nxos.SYSTEM)
    assert {type(r.outcome) for r in nxos.SYSTEM.survey(found.answers).sections} == {Collected}

    for question, section in (
        ("vlans", "vlans"),
        ("inventory", "hardware"),
        ("brief", "interfaces"),
        ("vpc", "interfaces"),
    ):
        found = ask(Device(answering(nxos.QUESTIONS, {**told, question: ""})), nxos.SYSTEM)
        outcomes = {r.section: r.outcome for r in nxos.SYSTEM.survey(found.answers).sections}
        assert "printed nothing" in getattr(outcomes[section], "reason", ""), question


def test_a_system_is_not_known_by_silence() -> None:
    assert recognised(Device({"show version": Executed(b"", b"", None)})) is None


def test_what_the_account_may_not_ask_is_a_failed_section() -> None:
    answers: dict[str, Any] = answering(nxos.QUESTIONS, NXOS)
    for question in nxos.QUESTIONS:
        if question.name in ("lldp", "cdp", "vpc"):
            answers[question.commands[0]] = b"% Permission denied for the role\n"

    outcomes = {r.section: r.outcome for r in nxos.SYSTEM.survey(ask(Device(answers), nxos.SYSTEM).answers).sections}

    for section in ("neighbours", "interfaces"):
        assert "Permission denied" in getattr(outcomes[section], "reason", ""), section
        assert isinstance(outcomes[section], Failed)


@pytest.mark.parametrize("text", [b"\n" * 1_000_000, b" \n" * 500_000, b"\t" * 1_000_000])
def test_a_long_text_of_little_is_no_system(text: bytes) -> None:
    assert recognised(Device({"show version": Executed(text + b"x", b"", 0)})) is None
