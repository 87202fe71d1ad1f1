"""How a sweep is let in by agents: which credentials stand for a target, in which order, and what became of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from collector.attempts import Attempts
from collector.credentials import Credentials
from collector.outcome import AUTHENTICATION_FAILED, FAILED, NO_CREDENTIAL, TIMED_OUT, Evidence, Stopped
from collector.secret import Secret
from collector.secret_refs import Secrets
from collector.snmp.credential import SnmpCredential
from collector.snmp.engines import AUTO, Open, engines
from collector.snmp.probe import Probe
from collector.snmp.reachability import Answered
from collector.snmp.session import Community, Denied, Garbled, Session, Silent, TooBig, User
from collector.target import Target

MOST_TRIED = 16
"""Credentials of one target; more are told and not tried."""
ANSWER_SECONDS = 3.0
ATTEMPTS = 2
"""Questions to an agent that answered before, before it counts as silent to a credential."""

SYS_UPTIME, SYS_OBJECT_ID, ENGINE_ID = "1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.1.2.0", "1.3.6.1.6.3.10.2.1.1.0"
"""RFC 3418; RFC 3411, where an agent has it for version 2c too."""


@dataclass(slots=True)
class Signed:
    """An agent that has let us in. `engine_id` is its snmpEngineID in hexadecimal digits, empty where it tells none."""

    session: Session
    credential: str
    weak: tuple[str, ...]
    engine_id: str = ""
    aside: Callable[[int], Session] | None = None
    """Opens a session with the same agent that sees the tables of one VLAN."""

    @property
    def evidence(self) -> Evidence:
        return Evidence(weak=self.weak, engine_id=self.engine_id)


Offer = tuple[SnmpCredential, Community | User]


class Logins:
    """What one sweep may offer agents. Safe for use by several threads at once."""

    def __init__(
        self,
        credentials: Credentials,
        secrets: Secrets,
        attempts: Attempts,
        engine: str = AUTO,
        seconds: float = ANSWER_SECONDS,
        find: Callable[[str, Community | User], list[Open]] = engines,
    ) -> None:
        self._credentials, self._secrets, self._attempts = credentials, secrets, attempts
        self._engine, self._seconds, self._find = engine, seconds, find

    def probes(self, target: Target) -> list[Probe]:
        """The questions by which a target is found: one for each community, one for all users at a port. Raises Stopped where
        there is no credential for it."""
        found: list[Probe] = []
        users: dict[int, list[str]] = {}
        for credential, login in self._offers(target):
            port = credential.port_for(target)
            if isinstance(login, Community):
                found.append(Probe((credential.name,), port, login.text))
            elif port in users:
                users[port].append(credential.name)
            else:
                users[port] = [credential.name]
                found.append(Probe((), port))
        return [p if p.credentials else Probe(tuple(users[p.port]), p.port) for p in found]

    def sign_in(self, target: Target, answered: Answered | None, broken_off: Callable[[], str] = lambda: "") -> Signed:
        """A session with the agent of a target, at the address where it answered, with what may be offered there. No further
        try begins once `broken_off` says an outcome. Raises Stopped."""
        if answered is not None:
            target = replace(target, address=answered.address, alternatives=())
        first = answered.probe.credentials if answered is not None else ()
        told: list[str] = []
        denied = False
        for credential, login in sorted(self._offers(target), key=lambda offer: offer[0].name not in first):
            port = credential.port_for(target)
            for open_session in self._find(self._engine, login):
                if why := broken_off():
                    raise Stopped(why, "authentication", "it was broken off before it was let in", "")
                try:
                    signed = self._signed(open_session, target.address, port, credential, login)
                except (Silent, Denied, Garbled, TooBig) as error:
                    reason = f"{credential.name} ({credential.methods[0]}): {error}"
                    denied = denied or isinstance(error, Denied)
                    if isinstance(error, Silent):
                        told.append(reason)
                        break  # Another library would be met by the same silence.
                    continue
                self._attempts.worked_with(target, credential.name)
                return signed
            else:
                told.append(reason)
        raise _stopped(told, denied=denied)

    def _signed(
        self, open_session: Open, address: str, port: int, credential: SnmpCredential, login: Community | User
    ) -> Signed:
        session = open_session(address, port, login, self._seconds)
        try:
            for attempt in range(1, ATTEMPTS + 1):
                try:
                    found = session.get([SYS_UPTIME, SYS_OBJECT_ID, ENGINE_ID])
                except Silent:
                    if attempt == ATTEMPTS:
                        raise
                    continue
                break
            if found.get(SYS_UPTIME) is None and found.get(SYS_OBJECT_ID) is None:
                raise Denied(
                    "it is let in, and sees neither sysUpTime nor sysObjectID (the view of the account is too narrow)"
                )
            engine = session.engine_id or found.get(ENGINE_ID)
        except BaseException:
            session.close()
            raise

        def aside(vlan: int) -> Session:
            other = in_vlan(login, vlan)
            for opened in self._find(self._engine, other):
                return opened(address, port, other, self._seconds)
            raise Denied("no engine knows contexts")

        told = engine.hex() if isinstance(engine, bytes) else ""
        return Signed(session, credential.name, login.weak, told, aside)

    def _offers(self, target: Target) -> list[Offer]:
        """Credentials with their secrets in hand, the one that worked here last first."""
        covering = self._credentials.covering_snmp(target)
        if not covering:
            raise Stopped(NO_CREDENTIAL, "authentication", self._credentials.why_none(target), _WRITE)
        found: list[Offer] = []
        problems: list[str] = []
        for credential in self._attempts.order(target, covering)[:MOST_TRIED]:
            login, wrong = credential.resolve(self._secrets)
            problems += wrong
            if login is not None:
                found.append((credential, login))
        if not found:
            raise Stopped(NO_CREDENTIAL, "authentication", "; ".join(problems), _RESOLVE)
        return found


def in_vlan(login: Community | User, vlan: int) -> Community | User:
    """The login by which Cisco IOS shows the tables of one VLAN."""
    if isinstance(login, Community):
        return Community(Secret(f"{login.text.reveal()}@{vlan}"))
    return replace(login, context=f"vlan-{vlan}")


def _stopped(told: Sequence[str], *, denied: bool) -> Stopped:
    reason = "; ".join(told)
    if denied:
        return Stopped(AUTHENTICATION_FAILED, "authentication", reason, _REFUSED)
    if all(one.endswith(_SILENT) for one in told):
        return Stopped(TIMED_OUT, "authentication", reason, _REFUSED)
    return Stopped(FAILED, "authentication", reason, "try --snmp-engine with the other engine; look at the agent")


_SILENT = "no answer in time"
_WRITE = "write an entry of kind snmp into the file of credentials, or widen the scope of one"
_RESOLVE = "mend what is named; `surveymark credential check` tries every reference"
_REFUSED = "compare user, algorithms, passwords and context with the device's, and what it allows this address to see"
