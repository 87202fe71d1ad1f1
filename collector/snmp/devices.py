"""One target from the agent that answered to the batch that goes to the store: sign in, take a turn among those with the same
engine, walk the tables, and say in one word how it ended (collector.work.Look)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from collector.device.surveyed import Surveyed, batch
from collector.outcome import FAILED, NOT_A_HOST, TIMED_OUT, Evidence, Stopped
from collector.same_host import SameHosts
from collector.snmp.pace import PER_SECOND, Pace
from collector.snmp.reachability import Answered
from collector.snmp.signing_in import Logins
from collector.snmp.walk import Limits, Walk
from collector.ssh.hosts import Reporting, outcome_of, own_addresses
from collector.work import Connection, Guard, Job, Looked

ROUTE = "snmp"

Survey = Callable[[Walk], Surveyed]
"""Asks an agent for all that there is to be known of its device."""


@dataclass
class Devices:
    """Looks at devices. `seconds` bounds one of them, `per_second` the questions to one."""

    logins: Logins
    survey: Survey
    reporting: Reporting
    same: SameHosts = field(default_factory=SameHosts)
    seconds: float = 180.0
    per_second: float = PER_SECOND

    def __call__(self, job: Job, connection: Connection | None, guard: Guard) -> Looked:
        target = job.target
        signed = self.logins.sign_in(target, connection if isinstance(connection, Answered) else None)
        try:
            walk = Walk(signed.session, Pace(self.per_second), replace(Limits(), seconds=self.seconds))
            guard.holds(walk.break_off)
            with self.same.turn(target, signed.evidence, self.seconds):
                found = self.survey(walk)
                if guard.why:
                    raise Stopped(
                        guard.why, "command", "it was broken off in the middle of the tables", "", signed.evidence
                    )
                return looked(job, found, self.reporting, signed.evidence, self.same)
        finally:
            signed.session.close()


def looked(
    job: Job, found: Surveyed, reporting: Reporting, evidence: Evidence, same: SameHosts | None = None
) -> Looked:
    """The end of a target that was surveyed, with the batch that says what was seen. Raises Stopped where nothing was, or
    nothing by which the device could be known again."""
    target = job.target
    outcome = outcome_of(target, found.sections, evidence, "full")
    if outcome.outcome == FAILED:
        silent = "no answer" in outcome.reason
        raise Stopped(TIMED_OUT if silent else FAILED, "command", outcome.reason, _NOTHING if silent else "", evidence)
    if not found.marks:
        reason = "it answers, and tells nothing by which it could be known again (no serial number, MAC or engine of its own)"
        raise Stopped(NOT_A_HOST, "parse", reason, "let the account see ENTITY-MIB and IF-MIB", evidence)
    if same is not None:
        same.tells(target, evidence, own_addresses(found.sections))
    data = batch(
        found,
        id=secrets.token_hex(16),
        source=reporting.source(target),
        route=ROUTE,
        sequence=reporting.sequence(),
        observed_at=reporting.clock(),
        domain=target.zone,
        interval_seconds=reporting.interval_seconds,
    )
    return Looked(job.number, outcome, data)


_NOTHING = "the agent answered once and then no more: look whether it is overloaded, or limits how often it is asked"
