"""One target from its open connection to the batch that goes to the store: sign in, take a turn among those with the same host
key, let every fact look through the session, and say in one word how it ended."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from agent.fact import Collected, Context, Fact, NotApplicable, SectionResult, Shell, Unavailable
from agent.facts import FACTS
from agent.remembered import Memory
from agent.report import report
from cmdb.model.batch import encode
from cmdb.model.classes.ip_address import IPAddress
from cmdb.model.times import now
from collector.cli import live
from collector.device.surveyed import batch as device_batch
from collector.execution import Execute
from collector.outcome import DONE, FAILED, NOT_A_HOST, PARTLY, Evidence, Stopped, TargetOutcome
from collector.same_host import SameHosts
from collector.target import Target
from collector.work import Connection, Guard, Job, Looked

ROUTE = "ssh"
DEVICE_ROUTE = "cli"
SHOWN = 3
"""Failed sections whose reasons are told; the others are named."""


class Session(Protocol):
    """A host that has let us in."""

    @property
    def execute(self) -> Execute: ...

    @property
    def evidence(self) -> Evidence: ...

    def close(self) -> None: ...


class Open(Protocol):
    """Signs in to a target, over a connection where there is one. Raises Stopped. What it opens it tells the guard."""

    def __call__(self, target: Target, connection: Connection | None, guard: Guard) -> Session: ...


@dataclass(frozen=True, slots=True)
class Reporting:
    """What every report of a collector says: whose it is, the number of the next one, the key of keyed file digests (None
    where it is not known), and how often the hosts are looked at."""

    source: Callable[[Target], str]
    sequence: Callable[[], int]
    digest_key: bytes | None = None
    interval_seconds: int = 86_400
    clock: Callable[[], int] = now


@dataclass
class Hosts:
    """Looks at hosts (collector.work.Look). `shell` makes a Shell of a session; it is asked once a target. `leave` gets the
    session of a host that was looked at; one that broke is closed."""

    open: Open
    shell: Callable[[Session, Target], Shell]
    reporting: Reporting
    same: SameHosts = field(default_factory=SameHosts)
    facts: Iterable[Fact] = field(default_factory=lambda: tuple(FACTS.values()))
    turn_seconds: float = 180.0
    memory: Memory = field(default_factory=Memory)
    leave: Callable[[Session], None] = lambda session: session.close()

    def __call__(self, job: Job, connection: Connection | None, guard: Guard) -> Looked:
        target = job.target
        session = self.open(target, connection, guard)
        guard.holds(session.close)
        whole = False
        try:
            with self.same.turn(target, session.evidence, self.turn_seconds):
                found = self._looked(job, session)
            whole = not guard.why
            return found
        finally:
            if whole:
                self.leave(session)
            else:
                session.close()

    def _looked(self, job: Job, session: Session) -> Looked:
        target, reporting = job.target, self.reporting
        try:
            if live.has_no_shell(session.evidence.ssh_version):
                raise Stopped(NOT_A_HOST, "command", "its SSH server is that of a device without a shell")
            shell = _Told(self.shell(session, target))
        except Stopped as stop:
            found_there = self._device(job, session) if stop.outcome == NOT_A_HOST else None
            if found_there is not None:
                return found_there
            raise Stopped(stop.outcome, stop.phase, stop.reason, stop.remedy, session.evidence) from stop
        found = report(
            shell,
            Context(digest_key=reporting.digest_key, observed_at_us=reporting.clock()),
            self.facts,
            id=secrets.token_hex(16),
            source=reporting.source(target),
            sequence=reporting.sequence(),
            route=ROUTE,
            domain=target.zone,
            interval_seconds=reporting.interval_seconds,
            memory=self.memory,
        )
        evidence = session.evidence
        broken = shell.stop
        if broken is not None and not any(_seen(result) for result in found.results):
            raise Stopped(broken.outcome, broken.phase, broken.reason, broken.remedy, evidence)
        self.same.tells(target, evidence, own_addresses(found.results))
        return Looked(
            job.number,
            outcome_of(target, found.results, evidence, shell.privilege),
            b"".join(encode(found.header, found.sections)),
        )

    def _device(self, job: Job, session: Session) -> Looked | None:
        """What the command line of a device tells; None where it is none that we know, or the session broke over it."""
        target, reporting = job.target, self.reporting
        try:
            system = live.recognised(session.execute)
        except Stopped:
            return None
        if system is None:
            return None
        asked = live.ask(session.execute, system)
        surveyed = system.survey(asked.answers, asked.seconds)
        evidence = session.evidence
        if asked.stop is not None and not any(_seen(result) for result in surveyed.sections):
            raise Stopped(asked.stop.outcome, asked.stop.phase, asked.stop.reason, asked.stop.remedy, evidence)
        self.same.tells(target, evidence, own_addresses(surveyed.sections))
        batch = device_batch(
            surveyed,
            id=secrets.token_hex(16),
            source=reporting.source(target),
            route=DEVICE_ROUTE,
            sequence=reporting.sequence(),
            observed_at=reporting.clock(),
            domain=target.zone,
            interval_seconds=reporting.interval_seconds,
        )
        return Looked(job.number, outcome_of(target, surveyed.sections, evidence, "full"), batch)


def outcome_of(target: Target, results: Iterable[SectionResult], evidence: Evidence, privilege: str) -> TargetOutcome:
    """How a target ended of which these sections were seen."""
    every = list(results)
    failed = [r for r in every if not _seen(r)]
    items = sum(len(r.outcome.items) for r in every if isinstance(r.outcome, Collected))
    told: dict[str, Any] = {"evidence": evidence, "items": items, "protocol": target.protocol}
    if not failed:
        return TargetOutcome(target.name, target.address, DONE, **told)
    told["sections_failed"] = tuple(sorted(r.section for r in failed))
    reasons = [f"{r.section}: {getattr(r.outcome, 'reason', '')}" for r in failed[:SHOWN]]
    if len(failed) > SHOWN:
        reasons.append("also not seen: " + ", ".join(r.section for r in failed[SHOWN:]))
    remedy = "give the account the rights that `surveymark sweep --print-sudoers` prints" if privilege != "full" else ""
    outcome = FAILED if len(failed) == len(every) else PARTLY
    return TargetOutcome(target.name, target.address, outcome, "parse", "; ".join(reasons), remedy, **told)


def own_addresses(results: Iterable[SectionResult]) -> list[str]:
    """The addresses that a host says it has, in canonical form."""
    found: dict[str, None] = {}
    for result in results:
        if isinstance(result.outcome, Collected):
            for item in result.outcome.items:
                if isinstance(item, IPAddress) and item.address:
                    found[str(ipaddress.ip_address(item.address))] = None
    return list(found)


def _seen(result: SectionResult) -> bool:
    return isinstance(result.outcome, (Collected, NotApplicable))


class _Told:
    """A shell that remembers why the session broke: within a report that is a failed section among others."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self.stop: Stopped | None = None
        self.privilege = shell.privilege  # The first question: raises Stopped where there is no answer.
        self.own_pids = shell.own_pids
        self.lent = getattr(shell, "lent", False)

    def supply(self, needs: Iterable[Any]) -> dict[Any, Any]:
        try:
            return self._shell.supply(needs)
        except Stopped as stop:
            self.stop = stop
            raise Unavailable(stop.reason) from stop
