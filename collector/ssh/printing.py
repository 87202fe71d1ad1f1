"""What a sweep will run, for people to read before it does: the script, and the lines that sudo and doas need."""

from __future__ import annotations

from collections.abc import Iterable

from agent import facts
from agent.fact import Fact
from collector.ssh import elevation
from collector.ssh.script import Journey, command, script
from collector.ssh.shell import usual
from collector.ssh.wanted import wanted

_NONCE = "0" * 32


def print_script(
    program: str = "sudo", watched: tuple[str, ...] = (), looked_at: Iterable[Fact] | None = None, sweep: str = "ID"
) -> str:
    """The script of a first journey as it runs, behind the command line that it is given to as standard input. The nonce,
    here zeros, is another one each time."""
    needs, more = usual(facts.FACTS.values() if looked_at is None else looked_at, watched)
    found = wanted(needs, more)
    text = script(found, Journey(_NONCE, program=program), elevation.lines(found) if program else [])
    return f"# {command(sweep)}\n{text}"


def print_sudoers(user: str, watched: tuple[str, ...] = (), looked_at: Iterable[Fact] | None = None) -> str:
    """A file for /etc/sudoers.d that allows an account what a sweep runs as root, and nothing else."""
    needs, more = usual(facts.FACTS.values() if looked_at is None else looked_at, watched)
    return elevation.sudoers(user, elevation.lines(wanted(needs, more)))


def print_doas(user: str, watched: tuple[str, ...] = (), looked_at: Iterable[Fact] | None = None) -> str:
    """The same for /etc/doas.conf."""
    needs, more = usual(facts.FACTS.values() if looked_at is None else looked_at, watched)
    return elevation.doas(user, elevation.lines(wanted(needs, more)))
