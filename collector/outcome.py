"""How a target ended: exactly one outcome, with the phase in which it did, the reason and the remedy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from collector.target import SSH

DONE = "done"
PARTLY = "partly"
UNREACHABLE = "unreachable"
REFUSED = "refused"
TIMED_OUT = "timed_out"
NO_SSH = "no_ssh"
HOST_KEY_CHANGED = "host_key_changed"
HOST_KEY_UNKNOWN = "host_key_unknown"
ALGORITHMS = "algorithms"
NO_CREDENTIAL = "no_credential"
AUTHENTICATION_FAILED = "authentication_failed"
ATTEMPTS_SPENT = "attempts_spent"
NOT_A_HOST = "not_a_host"
SAME_HOST = "same_host"
QUARANTINED = "quarantined"
INTERRUPTED = "interrupted"
FAILED = "failed"
NOT_PERMITTED = "not_permitted"

OUTCOMES: dict[str, str] = {
    DONE: "everything was looked at",
    PARTLY: "looked at, but for the sections that are named",
    UNREACHABLE: "no way to the address",
    REFUSED: "nothing listens at the port",
    TIMED_OUT: "no answer in time, in the phase that is named",
    NO_SSH: "what answers does not speak SSH",
    HOST_KEY_CHANGED: "another host key than the known one",
    HOST_KEY_UNKNOWN: "a host key that nobody has vouched for, in strict or pinned mode",
    ALGORITHMS: "no algorithm that both sides allow",
    NO_CREDENTIAL: "no credential covers the target",
    AUTHENTICATION_FAILED: "no credential was accepted",
    ATTEMPTS_SPENT: "the budget of attempts is spent, so none was made",
    NOT_A_HOST: "signed in, but it runs no commands of a host that we know",
    SAME_HOST: "another address of a host that this sweep has looked at",
    QUARANTINED: "looked at, and the store did not take it",
    INTERRUPTED: "the sweep was ended before its turn",
    FAILED: "something else, which the reason tells",
    NOT_PERMITTED: "outside of the permitted ranges, so nothing was sent to it",
}
"""Each outcome with what it means. An open set: words may be added, never renamed."""

LOOKED_AT = frozenset({DONE, SAME_HOST})
"""Outcomes of targets of which all was seen."""

PHASES = ("resolve", "connect", "banner", "key_exchange", "authentication", "command", "parse", "ingest", "total")
"""Where a target may end, in the order of the way."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was learned of a target on the way, without a login too. `weak` names algorithms in use that are allowed for
    old devices only; `host_key` is "type SHA256:fingerprint", `engine_id` an snmpEngineID in hexadecimal digits."""

    ssh_version: str = ""
    host_key: str = ""
    weak: tuple[str, ...] = ()
    engine_id: str = ""


@dataclass(frozen=True, slots=True)
class TargetOutcome:
    """The end of one target. `target` is its name, `ci` the id of what the store knows it as, `seconds` wall time.
    `conflicts` is how many conflicts the store sees it in, a quarantine too. `protocol` is how it was asked."""

    target: str
    address: str
    outcome: str
    phase: str = ""
    reason: str = ""
    remedy: str = ""
    ci: str | None = None
    seconds: float = 0.0
    evidence: Evidence = field(default_factory=Evidence)
    sections_failed: tuple[str, ...] = ()
    items: int = 0
    conflicts: int = 0
    protocol: str = SSH

    def document(self) -> dict[str, Any]:
        """The outcome as JSON has it in `sweep` documents."""
        return {
            "target": self.target,
            "address": self.address,
            "protocol": self.protocol,
            "outcome": self.outcome,
            "phase": self.phase,
            "reason": self.reason,
            "remedy": self.remedy,
            "ci": self.ci,
            "seconds": round(self.seconds, 3),
            "ssh_version": self.evidence.ssh_version,
            "host_key": self.evidence.host_key,
            "weak": list(self.evidence.weak),
            "sections_failed": list(self.sections_failed),
            "items": self.items,
            "conflicts": self.conflicts,
        }


class Stopped(Exception):
    """A target's way ended here. Raised within the collector, turned into a TargetOutcome at its border."""

    def __init__(
        self, outcome: str, phase: str, reason: str, remedy: str = "", evidence: Evidence | None = None
    ) -> None:
        super().__init__(reason)
        self.outcome, self.phase, self.reason, self.remedy = outcome, phase, reason, remedy
        self.evidence = evidence or Evidence()
