"""What one sweep over SSH shares, put together: known host keys, jump hosts, key files, leave to try passwords; and with them who
finds the targets that answer and who looks at them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from agent.fact import Shell
from collector.deadlines import Deadlines
from collector.offers import Offers
from collector.outcome import ATTEMPTS_SPENT, NO_CREDENTIAL, Stopped
from collector.reachability import Pace, Reached, Unanswered, reach
from collector.runner import Reach
from collector.ssh import hosts
from collector.ssh.elevation import Elevation
from collector.ssh.hosts import Hosts, Reporting
from collector.ssh.jumps import Jumps
from collector.ssh.known_hosts import KnownHosts
from collector.ssh.session import Session, connect
from collector.ssh.shell import SshShell
from collector.ssh.signers import Keys
from collector.target import Target
from collector.work import Connection, Guard


@dataclass(frozen=True, slots=True)
class Settings:
    """How a sweep signs in: `sweep` is its id, which stands in the logs of the hosts; `known_hosts` the sweep's own file."""

    sweep: str
    known_hosts: Path
    host_keys: str = "accept-new"
    deadlines: Deadlines = field(default_factory=Deadlines)
    allow_old: bool = False


class Opening:
    """Signs in to the targets of one sweep (collector.ssh.hosts.Open)."""

    def __init__(self, settings: Settings, offers: Offers) -> None:
        self._settings, self._offers = settings, offers
        self._keys = Keys()
        self._known = KnownHosts(settings.known_hosts, mode=settings.host_keys)
        self.unanswered = Unanswered()
        self.jumps = Jumps(lambda target, jumps: self._signed_in(target, None, jumps))

    @property
    def left_out(self) -> list[str]:
        """Files of known hosts that could not be read."""
        return self._known.left_out

    def __call__(self, target: Target, connection: Connection | None, guard: Guard) -> Session:
        if connection is not None:
            guard.holds(connection.close)
        return self._signed_in(target, connection if isinstance(connection, Reached) else None, self.jumps)

    def shell(self, session: hosts.Session, target: Target) -> Shell:  # noqa: ARG002 - a host is one, whatever it is called
        assert isinstance(session, Session), "opened here"
        login = session.login
        elevation = Elevation("sudo" if login.may_elevate else "", login.sudo if login.may_elevate else None)
        seconds = self._settings.deadlines.command
        return SshShell(session.execute, sweep=self._settings.sweep, elevate=elevation, seconds=seconds)

    def _signed_in(self, target: Target, reached: Reached | None, jumps: Jumps) -> Session:
        why: Stopped | None = None
        try:
            logins = self._offers.logins(target)
        except Stopped as stop:
            if stop.outcome not in (NO_CREDENTIAL, ATTEMPTS_SPENT):
                raise
            logins, why = [], stop
        try:
            return connect(
                target,
                logins,
                self._known,
                self._settings.deadlines,
                reached=reached,
                jumps=jumps,
                keys=self._keys,
                budget=self._offers.budget,
                unanswered=self.unanswered,
                allow_old=self._settings.allow_old,
            )
        except Stopped as stop:
            if why is None or stop.outcome != NO_CREDENTIAL:
                raise
            # Nobody can sign in, but who is there and by which key is known now.
            raise Stopped(why.outcome, why.phase, why.reason, why.remedy, stop.evidence) from stop


@contextmanager
def looking(
    settings: Settings,
    offers: Offers,
    reporting: Reporting,
    pace: Pace = Pace(),  # noqa: B008 - frozen
) -> Iterator[tuple[Reach, Hosts, list[str]]]:
    """Who says which targets answer, who looks at them, and sentences about what could not be used."""
    opening = Opening(settings, offers)

    def answering(targets: Iterable[Target]) -> Iterator[tuple[Target, Connection | Stopped]]:
        return reach(targets, settings.deadlines, pace, opening.unanswered)

    try:
        yield (
            answering,
            Hosts(opening, opening.shell, reporting, turn_seconds=settings.deadlines.total),
            opening.left_out,
        )
    finally:
        opening.jumps.close()
