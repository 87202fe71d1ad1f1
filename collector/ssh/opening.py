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
from collector.ssh.pool import SessionPool
from collector.ssh.session import Session, connect
from collector.ssh.shell import SshShell
from collector.ssh.signers import Keys
from collector.target import Target
from collector.work import Connection, Guard


@dataclass(frozen=True, slots=True)
class Settings:
    """How a sweep signs in. `known_hosts` is the sweep's own file. With `kept` connections stay open between rounds, so
    many at most."""

    known_hosts: Path
    host_keys: str = "accept-new"
    deadlines: Deadlines = field(default_factory=Deadlines)
    allow_old: bool = False
    kept: int = 0


class Opening:
    """Signs in to the targets of one sweep (collector.ssh.hosts.Open), or of several rounds of one."""

    def __init__(self, settings: Settings, offers: Offers) -> None:
        self._settings, self._offers = settings, offers
        self._keys = Keys()
        self._known = KnownHosts(settings.known_hosts, mode=settings.host_keys)
        self._unanswered = Unanswered()
        self._jumps = Jumps(lambda target, jumps: self._signed_in(target, None, jumps))
        self._pool = SessionPool(settings.kept) if settings.kept else None
        self._left: set[Target] = set()

    @property
    def left_out(self) -> list[str]:
        """Files of known hosts that could not be read."""
        return self._known.left_out

    def round(self, sweep: str, reporting: Reporting, pace: Pace = Pace()) -> tuple[Reach, Hosts]:  # noqa: B008 - frozen
        """Who says which targets answer, and who looks at them. `sweep` is the id that stands in the logs of the hosts."""
        self._unanswered = unanswered = Unanswered()
        deadlines = self._settings.deadlines

        def answering(targets: Iterable[Target]) -> Iterator[tuple[Target, Connection | Stopped]]:
            others = []
            for target in targets:
                if target in self._left:
                    yield target, Open()
                else:
                    others.append(target)
            yield from reach(others, deadlines, pace, unanswered)

        def shell(session: hosts.Session, target: Target) -> Shell:  # noqa: ARG001 - a host is one, whatever it is called
            assert isinstance(session, Session), "opened here"
            login = session.login
            program = "doas" if login.by_doas else "sudo"
            elevation = Elevation(program, login.sudo) if login.may_elevate else Elevation("")
            return SshShell(session.execute, sweep=sweep, elevate=elevation, seconds=deadlines.command)

        return answering, Hosts(self, shell, reporting, turn_seconds=deadlines.total, leave=self._leave)

    def __call__(self, target: Target, connection: Connection | None, guard: Guard) -> Session:
        if connection is not None:
            guard.holds(connection.close)
        kept = self._pool.take(target) if self._pool is not None else None
        if kept is not None:
            return kept
        return self._signed_in(target, connection if isinstance(connection, Reached) else None, self._jumps)

    def close(self) -> None:
        """End what is open."""
        if self._pool is not None:
            self._pool.close()
        self._jumps.close()

    def _leave(self, session: hosts.Session) -> None:
        assert isinstance(session, Session), "opened here"
        if self._pool is None:
            session.close()
        else:
            self._pool.give(session)
            self._left.add(session.target)

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
                unanswered=self._unanswered,
                allow_old=self._settings.allow_old,
            )
        except Stopped as stop:
            if why is None or stop.outcome != NO_CREDENTIAL:
                raise
            # Nobody can sign in, but who is there and by which key is known now.
            raise Stopped(why.outcome, why.phase, why.reason, why.remedy, stop.evidence) from stop


class Open:
    """In place of a connection: one from the round before is open."""

    def close(self) -> None:
        return


@contextmanager
def opening(settings: Settings, offers: Offers) -> Iterator[Opening]:
    """What the rounds of a sweep share, closed at the end."""
    made = Opening(settings, offers)
    try:
        yield made
    finally:
        made.close()
