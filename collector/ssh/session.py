"""A session with one host: from the reached port to one that is signed in and runs commands.

Each phase has its deadline, which the watchdog keeps by closing the connection, so that no host can hold a worker. The host key
is checked before anything is sent under the new keys. Whatever ends the way is a Stopped, with what was learned till then.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace

import paramiko

from collector import connecting
from collector.deadlines import Deadlines
from collector.execution import Executed
from collector.identification import Identification, visible
from collector.login import Login
from collector.outcome import (
    ALGORITHMS,
    ATTEMPTS_SPENT,
    AUTHENTICATION_FAILED,
    FAILED,
    NO_CREDENTIAL,
    TIMED_OUT,
    Evidence,
    Stopped,
)
from collector.reachability import Reached, Unanswered
from collector.secret import Forgetting, Secret
from collector.ssh import command as commands
from collector.ssh.algorithms import offered
from collector.ssh.auth_messages import Broken
from collector.ssh.authentication import Boundless, Budget, Ledger, SignIn, steps_of
from collector.ssh.jumps import Jumps
from collector.ssh.known_hosts import HostKey, HostNames, KnownHosts, OtherTypesKnown, Vouched, host_names
from collector.ssh.signers import Keys
from collector.ssh.watchdog import WATCHDOG, Alarm
from collector.ssh.wire import Carrier, HostKeyDiffers, Wire
from collector.target import Target

MOST_CONNECTIONS = 4
_KEEPALIVE_SECONDS = 30


class Session:
    """A host that is signed in to. `execute` is an Execute; commands run one after the other."""

    def __init__(self, target: Target, login: Login, evidence: Evidence, wire: Wire, deadlines: Deadlines) -> None:
        self.target, self.login, self.evidence = target, login, evidence
        self._wire, self._deadlines = wire, deadlines
        self._lock = threading.Lock()
        self._until = time.monotonic() + deadlines.total

    @property
    def alive(self) -> bool:
        """Whether the connection stands, as far as it is known here."""
        return self._wire.is_active() and self._wire.is_authenticated()

    @property
    def wire(self) -> Wire:
        """The connection, for those behind it when the host is a jump host."""
        return self._wire

    def execute(
        self,
        command: str,
        stdin: bytes,
        *,
        limit: int,
        seconds: float,
        prompt: bytes = b"",
        answer: Secret | None = None,
    ) -> Executed:
        """See collector.execution.Execute; `seconds` is cut to what the target has left in all."""
        with self._lock:
            left = self._until - time.monotonic()
            try:
                with Forgetting():
                    return commands.run(
                        self._wire, command, stdin,
                        limit=limit, seconds=max(0.0, min(seconds, left)), prompt=prompt, answer=answer,
                    )  # fmt: skip
            except Stopped as stop:
                if stop.outcome == TIMED_OUT and left < seconds:
                    stop = _out_of_total(self._deadlines)
                stop.evidence = self.evidence
                raise stop from None

    def renew(self) -> None:
        """Another look at the host begins: its total time starts anew."""
        self._until = time.monotonic() + self._deadlines.total

    def keep(self) -> None:
        """Stay open for a while without work."""
        self._wire.set_keepalive(_KEEPALIVE_SECONDS)

    def answers(self, seconds: float) -> bool:
        """Ask the host whether it is still there, and wait for its word so long at most."""
        if not self.alive:
            return False
        alarm = WATCHDOG.alarm(seconds, self._wire.end)
        try:
            self._wire.global_request("keepalive@openssh.com", wait=True)
        except (paramiko.SSHException, EOFError, OSError):
            return False
        finally:
            alarm.call_off()
        return self.alive

    def close(self) -> None:
        self._wire.end()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def connect(
    target: Target,
    logins: Sequence[Login],
    known: KnownHosts,
    deadlines: Deadlines = Deadlines(),  # noqa: B008 - frozen
    *,
    reached: Reached | None = None,
    jumps: Jumps | None = None,
    keys: Keys | None = None,
    budget: Budget | None = None,
    unanswered: Unanswered | None = None,
    allow_old: bool = False,
) -> Session:
    """Sign in to a target.

    `reached` hands over the connection that the look at the port has made. `jumps`, `keys`, `budget` and `unanswered` are
    shared by all targets of a sweep. Without logins the host key is still learned: the Stopped (no_credential) that is
    raised then has it as evidence. `allow_old` offers algorithms that are broken.
    """
    there = target
    if reached is not None and reached.address:
        there = replace(target, address=reached.address)
    way = _Way(there, known, deadlines, jumps, unanswered or Unanswered(), allow_old)
    try:
        return _signed_in(way, logins, Ledger(target, budget or Boundless(), keys or Keys()), reached)
    except Stopped as stop:
        stop.evidence = Evidence(
            stop.evidence.ssh_version or way.evidence.ssh_version,
            stop.evidence.host_key or way.evidence.host_key,
            stop.evidence.weak or way.evidence.weak,
        )
        raise
    finally:
        if reached is not None:
            reached.close()


def _signed_in(way: _Way, logins: Sequence[Login], ledger: Ledger, reached: Reached | None) -> Session:
    steps = deque(steps_of(logins))
    for _ in range(MOST_CONNECTIONS):
        wire, vouched = way.opened(reached)
        reached = None
        try:
            if not steps:
                raise Stopped(
                    NO_CREDENTIAL, "authentication", "no credential for it has a way in that can be tried",
                    "write a credential whose scope covers the target",
                )  # fmt: skip
            user = steps[0].login.user
            with way.within("authentication", wire) as limit:
                try:
                    login = SignIn(wire, user, ledger, vouched.before).run(steps)
                except Broken:
                    if limit.rang:
                        raise way.timed_out("authentication") from None
                    login = None
                    if not ledger.tries:
                        raise Stopped(
                            FAILED, "authentication", "the server ended the connection before anybody could sign in",
                            "look into the log of the target's SSH server",
                        ) from None  # fmt: skip
            if login is not None:
                return Session(ledger.target, login, way.evidence, wire, way.deadlines)
        except BaseException:
            wire.end()
            raise
        wire.end()
        if not steps:
            break
    raise _refused(ledger)


def _refused(ledger: Ledger) -> Stopped:
    if ledger.spent and not ledger.tries:
        return Stopped(
            ATTEMPTS_SPENT, "authentication", f"no attempt was made: {ledger}",
            "mend the credential; attempts are free again with time, or when they are forgotten by hand",
        )  # fmt: skip
    names = ", ".join(ledger.told)
    return Stopped(
        AUTHENTICATION_FAILED, "authentication", f"no credential was accepted: {ledger}",
        f"try one of them by hand ({names}), and look into the log of the target's SSH server",
    )  # fmt: skip


class _Way:
    """The way to one target: its connections, deadlines and what was learned."""

    def __init__(
        self,
        target: Target,
        known: KnownHosts,
        deadlines: Deadlines,
        jumps: Jumps | None,
        unanswered: Unanswered,
        allow_old: bool,
    ) -> None:
        self.target, self.deadlines, self.evidence = target, deadlines, Evidence()
        self._known, self._jumps, self._unanswered, self._allow_old = known, jumps, unanswered, allow_old
        self._until = time.monotonic() + deadlines.total
        self._names: HostNames = host_names(target)
        self._asked = known.types(self._names)

    def opened(self, reached: Reached | None) -> tuple[Wire, Vouched]:
        """A connection with new keys and a host key that may be talked to."""
        try:
            return self._opened(reached)
        except OtherTypesKnown as other:
            self._asked = other.types
        try:
            return self._opened(None)
        except OtherTypesKnown as other:  # it can not be: they were asked for
            raise Stopped(
                FAILED, "key_exchange", f"the host is known by other keys: {other}", "sweep it again"
            ) from None

    def _opened(self, reached: Reached | None) -> tuple[Wire, Vouched]:
        carrier, identification = (reached.take() if reached is not None else None) or self._connected()
        self.evidence = replace(self.evidence, ssh_version=identification.version)
        found: list[Vouched] = []

        def vouch(blob: bytes) -> None:
            key = HostKey.of(blob)
            self.evidence = replace(self.evidence, host_key=str(key))
            found.append(self._known.vouch(self._names, key, self._asked))

        algorithms = offered(self._allow_old).asking_for(self._asked)
        wire = Wire(carrier, identification, algorithms, vouch, self.target.endpoint)
        done = threading.Event()
        try:
            with self.within("key_exchange", wire) as limit:
                wire.start_client(event=done)
                done.wait()
            if not found or not wire.is_active() or limit.rang:
                raise self._no_keys(wire, limit)
        except BaseException:
            wire.end()
            raise
        self.evidence = replace(self.evidence, weak=wire.weak)
        return wire, found[0]

    def _connected(self) -> tuple[Carrier, Identification]:
        if not self.target.jumps:
            return connecting.connect(self.target.address, self.target.port, self.deadlines, self._unanswered)
        if self._jumps is None:
            raise Stopped(
                FAILED, "connect", "it lies behind a jump host, and no jump hosts are used", "name it without"
            )
        return self._jumps.open(self.target, self.deadlines, self._unanswered)

    @contextlib.contextmanager
    def within(self, phase: str, wire: Wire) -> Iterator[Alarm]:
        """Close the connection when the phase has had its time."""
        seconds: float = getattr(self.deadlines, phase)
        alarm = WATCHDOG.alarm(max(0.0, min(seconds, self._until - time.monotonic())), wire.end)
        try:
            yield alarm
        finally:
            alarm.call_off()

    def timed_out(self, phase: str) -> Stopped:
        if time.monotonic() >= self._until:
            return _out_of_total(self.deadlines)
        seconds: float = getattr(self.deadlines, phase)
        return Stopped(
            TIMED_OUT, phase, f"no end within {seconds:g} s",
            "look what keeps the host busy (its name server, its directory service), or allow more time for this phase",
        )  # fmt: skip

    def _no_keys(self, wire: Wire, limit: Alarm) -> Exception:
        """Why there are no keys."""
        error = wire.get_exception()
        if isinstance(error, Stopped | OtherTypesKnown):
            return error
        if limit.rang:
            return self.timed_out("key_exchange")
        if isinstance(error, paramiko.ssh_exception.IncompatiblePeer):
            return _nothing_in_common(wire)
        if isinstance(error, HostKeyDiffers | paramiko.SSHException):
            why = visible(str(error).encode("ascii", "backslashreplace"), 200)
            return Stopped(
                FAILED, "key_exchange", f"the key exchange failed: {why}", "look into the log of its SSH server"
            )
        if isinstance(error, OSError) and not isinstance(error, EOFError | ConnectionError):
            return Stopped(FAILED, "key_exchange", f"the host key could not be kept or checked: {error}", "mend that")
        return Stopped(
            FAILED, "key_exchange", "the connection was closed in the middle of the key exchange",
            "look into the log of its SSH server, and whether something on the way ends connections",
        )  # fmt: skip


def _nothing_in_common(wire: Wire) -> Stopped:
    """Which kind of algorithm has none that both sides take, what the server has, and whether old ones would help."""
    old = offered(allow_old=True)
    kinds = (
        ("key exchange", "kex_algo_list", wire.preferred_kex, old.kex),
        ("host key", "server_key_algo_list", wire.preferred_keys, old.keys),
        ("cipher", "server_encrypt_algo_list", wire.preferred_ciphers, old.ciphers),
        ("MAC", "server_mac_algo_list", wire.preferred_macs, old.macs),
    )
    reasons, helps = [], True
    for kind, name, ours, every in kinds:
        theirs = [each for each in wire.offered.get(name, []) if not each.startswith(("kex-strict-", "ext-info-"))]
        if not set(theirs) & set(ours):
            shown = visible(", ".join(theirs).encode("ascii", "backslashreplace"), 200)
            reasons.append(f"no {kind} in common: the server offers {shown or 'none'}")
        helps = helps and bool(set(theirs) & set(every))
    return Stopped(
        ALGORITHMS, "key_exchange", "; ".join(reasons) or "no compression in common",
        "update the target's SSH server" + (", or allow old algorithms (--old-algorithms)" if reasons and helps else ""),
    )  # fmt: skip


def _out_of_total(deadlines: Deadlines) -> Stopped:
    return Stopped(
        TIMED_OUT, "total", f"the target had {deadlines.total:g} s in all, and they are over", "allow more time in all"
    )
