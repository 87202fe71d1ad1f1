"""The end of a target that is a device, and the batch that says what was seen of it, whichever way it was asked."""

from __future__ import annotations

import secrets

from collector.device.surveyed import Surveyed, batch
from collector.outcome import FAILED, NOT_A_HOST, TIMED_OUT, Evidence, Stopped
from collector.same_host import SameHosts
from collector.ssh.hosts import Reporting, outcome_of, own_addresses
from collector.work import Job, Looked


def looked(
    job: Job, found: Surveyed, route: str, reporting: Reporting, evidence: Evidence, same: SameHosts | None = None
) -> Looked:
    """`route` is "snmp" or "cli". Raises Stopped where nothing was seen, or nothing by which the device could be known again."""
    target = job.target
    outcome = outcome_of(target, found.sections, evidence, "full")
    if outcome.outcome == FAILED:
        silent = "no answer" in outcome.reason
        raise Stopped(TIMED_OUT if silent else FAILED, "command", outcome.reason, _SILENT if silent else "", evidence)
    if not found.marks:
        reason = (
            "it answers, and tells nothing by which it could be known again (no serial number, MAC or name of its own)"
        )
        raise Stopped(NOT_A_HOST, "parse", reason, "let the account see the device's hardware and interfaces", evidence)
    if same is not None:
        same.tells(target, evidence, own_addresses(found.sections))
    data = batch(
        found,
        id=secrets.token_hex(16),
        source=reporting.source(target),
        route=route,
        sequence=reporting.sequence(),
        observed_at=reporting.clock(),
        domain=target.zone,
        interval_seconds=reporting.interval_seconds,
    )
    return Looked(job.number, outcome, data)


_SILENT = "the device answered once and then no more: look whether it is overloaded, or limits how often it is asked"
