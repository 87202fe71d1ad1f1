"""One target from the agent that answered to the batch that goes to the store: sign in, take a turn among those with the same
engine, walk the tables, and say in one word how it ended (collector.work.Look)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from collector.device.looked import looked
from collector.device.surveyed import Surveyed
from collector.outcome import AUTHENTICATION_FAILED, FAILED, TIMED_OUT, Stopped
from collector.same_host import SameHosts
from collector.snmp.pace import PER_SECOND, Pace
from collector.snmp.reachability import Answered
from collector.snmp.signing_in import Logins, Signed
from collector.snmp.walk import Failed, Limits, Walk
from collector.ssh.hosts import Reporting
from collector.work import Connection, Guard, Job, Looked

ROUTE = "snmp"

Survey = Callable[[Walk], Surveyed]
"""Asks an agent for all that there is to be known of its device. Raises walk.Failed where it does not say what it is."""


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
        answered = connection if isinstance(connection, Answered) else None
        signed = self.logins.sign_in(target, answered, lambda: guard.why)
        try:
            walk = Walk(
                signed.session, Pace(self.per_second), replace(Limits(), seconds=self.seconds), aside=signed.aside
            )
            guard.holds(walk.break_off)
            with self.same.turn(target, signed.evidence, self.seconds):
                found = self._surveyed(walk, signed)
                if guard.why:
                    raise Stopped(
                        guard.why, "command", "it was broken off in the middle of the tables", "", signed.evidence
                    )
                return looked(job, found, ROUTE, self.reporting, signed.evidence, self.same)
        finally:
            signed.session.close()

    def _surveyed(self, walk: Walk, signed: Signed) -> Surveyed:
        try:
            return self.survey(walk)
        except Failed as error:
            outcome, remedy = _ENDS.get(error.outcome, (FAILED, ""))
            raise Stopped(outcome, "command", str(error), remedy, signed.evidence) from error


_ENDS = {
    "timeout": (
        TIMED_OUT,
        "look whether the device is overloaded, or limits how often it is asked; --timeout gives it longer",
    ),
    "denied": (AUTHENTICATION_FAILED, "let the account see more: its view has to have the tables that are named"),
}
"""How a target ends whose device does not say what it is, by the way in which that failed."""
