"""Ways through jump hosts (ProxyJump of ssh_config(5)): each is signed in to once in a sweep and carries all targets behind it.

Source: RFC 4254 section 7.2 (direct-tcpip). Names are resolved by the last jump host. A jump host's key is checked like that of
a target, and one that can not be signed in to is tried once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import paramiko

from collector.connecting import identify
from collector.credentials import hop_target
from collector.deadlines import Deadlines
from collector.identification import Identification
from collector.outcome import FAILED, REFUSED, TIMED_OUT, UNREACHABLE, Stopped
from collector.reachability import Unanswered
from collector.ssh.wire import ChannelRefused
from collector.target import Hop, Target

if TYPE_CHECKING:
    from collector.ssh.session import Session

_PROHIBITED = 1  # RFC 4254 section 5.1
_MOST_SESSIONS = 3

Route = tuple[Hop, ...]


class Jumps:
    """The jump hosts of one sweep. `sign_in` makes a session with a hop that is given as a target, whose own `jumps` lead to it;
    it may raise Stopped. Safe for many threads."""

    def __init__(self, sign_in: Callable[[Target, Jumps], Session]) -> None:
        self._sign_in = sign_in
        self._lock = threading.Lock()
        self._hops: dict[tuple[str, Route], _SharedHop] = {}

    def open(self, target: Target, deadlines: Deadlines, unanswered: Unanswered) -> tuple[Any, Identification]:
        """A channel to the target with its identification. Raises Stopped, whose reason names the jump host."""
        way = " ".join(f"{hop.address}:{hop.port}" for hop in target.jumps)
        known = unanswered.stop(way, target.address)
        if known is not None:
            raise known
        session = self._session(target, target.jumps)
        last = target.jumps[-1]
        try:
            channel = _direct(session, target, deadlines.connect)
        except Stopped as stop:
            unanswered.note(way, target.address, target.port, stop)
            raise Stopped(stop.outcome, stop.phase, f"from {last.address}: {stop.reason}", stop.remedy) from None
        try:
            return channel, identify(channel, deadlines.banner)
        except BaseException:
            channel.close()
            raise

    def close(self) -> None:
        """End all sessions with jump hosts, the farthest first."""
        with self._lock:
            hops = sorted(self._hops.items(), key=lambda item: -len(item[0][1]))
            self._hops = {}
        for _, hop in hops:
            if hop.session is not None:
                hop.session.close()

    def _session(self, target: Target, route: Sequence[Hop]) -> Session:
        place = (target.zone, tuple(route))
        with self._lock:
            hop = self._hops.setdefault(place, _SharedHop())
        with hop.lock:  # whoever comes second waits for the first
            if hop.session is not None and hop.session.alive:
                return hop.session
            if hop.stop is None and hop.signed_in >= _MOST_SESSIONS:
                hop.stop = Stopped(FAILED, "connect", "its connection was lost again and again", "look into its log")
            if hop.stop is None:
                try:
                    way = replace(hop_target(route[-1], target), jumps=tuple(route[:-1]))
                    hop.session = self._sign_in(way, self)
                    hop.session.keep()
                    hop.signed_in += 1
                    return hop.session
                except Stopped as error:
                    hop.stop = error
            stop = hop.stop
        name = f"jump host {route[-1].address} port {route[-1].port}"
        raise Stopped(stop.outcome, stop.phase, f"{name}: {stop.reason}", stop.remedy)


class _SharedHop:
    """One jump host on one way."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.session: Session | None = None
        self.stop: Stopped | None = None
        self.signed_in = 0


def _direct(session: Session, target: Target, seconds: float) -> Any:
    try:
        return session.wire.open("direct-tcpip", seconds, (target.address, target.port))
    except ChannelRefused as refusal:
        said = refusal.words.lower()
        if refusal.code == _PROHIBITED:
            raise Stopped(
                FAILED,
                "connect",
                "the jump host forwards no connections",
                "allow AllowTcpForwarding for the account there",
            ) from None
        if "refused" in said:
            raise Stopped(
                REFUSED, "connect", "nothing listens at the port", "check the port, and that sshd runs"
            ) from None
        outcome = TIMED_OUT if "timed out" in said else UNREACHABLE
        raise Stopped(outcome, "connect", refusal.words or "no way", "check the way from the jump host") from None
    except TimeoutError:
        raise Stopped(
            TIMED_OUT, "connect", f"no answer in {seconds:g} s", "check that the host is up behind the jump host"
        ) from None
    except (paramiko.SSHException, EOFError, OSError):
        raise Stopped(FAILED, "connect", "the connection to the jump host was lost", "sweep the target again") from None
