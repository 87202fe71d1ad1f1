"""A device that is asked over a session: which system it is, and what its command line answers.

Each command is an exec request of its own (RFC 4254 section 6.5), which NX-OS, EOS and Junos take; there is no terminal, so that
nothing is paged. All commands are declared by their system and change nothing.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field

from collector.cli.answers import MOST_BYTES, Answers, Question, Reply
from collector.cli.refusal import refusal
from collector.cli.system import System
from collector.cli.systems import SYSTEMS
from collector.execution import Execute
from collector.outcome import NOT_A_HOST, Stopped

SECONDS = 45.0
"""For one command: tables of a large device take a while."""
ASKED_FIRST = "show version"

_NO_SHELL = re.compile(r"SSH-\d\.\d+-(Cisco|NX-OS|Arista|Juniper)", re.IGNORECASE)
_TOLD = (
    ("nxos", re.compile(r"Cisco Nexus Operating System|\bNX-OS\b|Cisco NX-OS", re.IGNORECASE)),
    ("eos", re.compile(r"^[ \t]*Arista\b|^[ \t]*v?cEOS", re.MULTILINE)),
    ("junos", re.compile(r"^[ \t]*Junos: |\bJUNOS\b", re.MULTILINE)),
)  # fmt: skip
"""How systems tell of themselves in `show version`."""


def has_no_shell(ssh_version: str) -> bool:
    """True of a server whose version says that a command line of its own is behind it, not a shell."""
    return _NO_SHELL.match(ssh_version) is not None


def recognised(execute: Execute) -> System | None:
    """The system that answers, None for one that is not known. Raises Stopped where the session broke."""
    reply = _asked(execute, ASKED_FIRST, may_be_blank=False)
    return _system(reply.text) if not reply.failure else None


@dataclass(slots=True)
class Asked:
    """The answers, with seconds by question, and why the session broke, None where it did not."""

    answers: Answers
    seconds: dict[str, float] = field(default_factory=dict)
    stop: Stopped | None = None


def ask(execute: Execute, system: System, name: str = "") -> Asked:
    """Every question of a system. Once the session is broken the rest has failed for the same reason."""
    replies: dict[str, Reply] = {}
    seconds: dict[str, float] = {}
    stop: Stopped | None = None
    for question in system.questions:
        begun = time.monotonic()
        if stop is None:
            try:
                replies[question.name] = _answer(execute, question)
            except Stopped as broken:
                stop = broken
        if stop is not None:
            replies[question.name] = Reply(failure=f"{question.commands[0]!r}: {stop.reason}")
        seconds[question.name] = time.monotonic() - begun
    return Asked(Answers(replies, name), seconds, stop)


def _answer(execute: Execute, question: Question) -> Reply:
    """The answer to the first command that the device knows, else why none of them was one."""
    last = Reply(failure=f"there is no command for {question.name}")
    for command in question.commands:
        last = _asked(execute, command, question.may_be_blank)
        if not last.refused:
            return last
    return last


def _asked(execute: Execute, command: str, may_be_blank: bool) -> Reply:
    """Nothing on standard output is an answer only where a table may print nothing, and where the device says that all went
    well: neither on standard error that it did not, nor no status, as of a channel that was closed in the middle."""
    try:
        done = execute(command, b"", limit=MOST_BYTES, seconds=SECONDS)
    except Stopped as stop:
        if stop.outcome == NOT_A_HOST:  # this command was not taken; the session stands
            return Reply(failure=f"{command!r}: {stop.reason}")
        raise
    if done.cut:
        return Reply(failure=f"{command!r} printed more than {MOST_BYTES // 1024**2} MiB")
    text = done.stdout.decode("utf-8", "replace")
    said = text if text.strip() else done.stderr.decode("utf-8", "replace")
    why = refusal(said)
    if why:
        return Reply(failure=f"{command!r} was refused: {why.line}", refused=why.unknown)
    if done.status not in (0, None):
        return Reply(failure=f"{command!r} ended with status {done.status}: {said.strip()[:200]}")
    if not text.strip():
        if said.strip():
            return Reply(failure=f"{command!r} printed nothing but an error: {said.strip()[:200]}")
        if done.status is None:
            return Reply(failure=f"{command!r} printed nothing and told no status")
        if not may_be_blank:
            return Reply(failure=f"{command!r} printed nothing")
    return Reply(text)


def _system(version: str) -> System | None:
    for name, shape in _TOLD:
        if shape.search(version[:20_000]):
            return next(system for system in SYSTEMS if system.name == name)
    return None
