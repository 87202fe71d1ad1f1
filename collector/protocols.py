"""By which protocols a target is asked: those that were chosen, of these the ones that a credential covers it for.

An address that is asked by SSH and by SNMP is two targets, each with an end of its own; what they see of it is one item of the
store. Where no credential covers a target it stays one, of the first protocol that was chosen, and ends as that has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cmdb.model.errors import UsageError
from collector.credentials import Credentials
from collector.outcome import UNREACHABLE, TargetOutcome
from collector.target import PORTS, SNMP, SSH, Target

MOST_NAMED = 5


def chosen(text: str) -> tuple[str, ...]:
    """The protocols of an option, in order ("ssh,snmp"). Raises UsageError."""
    found = tuple(dict.fromkeys(word.strip().lower() for word in text.split(",")))
    unknown = [word for word in found if word not in PORTS]
    if unknown or not found:
        raise UsageError(f"{text!r:.60} are no protocols; there are {', '.join(PORTS)}.")
    return found


def divided(
    targets: Sequence[Target], protocols: Sequence[str], credentials: Credentials
) -> tuple[list[Target], list[TargetOutcome], list[str]]:
    """The targets by protocol, in their order; those that can not be asked that way; and what is to be said of it.

    Nothing of SNMP goes through jump hosts, which carry TCP: a target behind them is asked by SSH alone.
    """
    made: list[Target] = []
    refused: list[TargetOutcome] = []
    behind: list[str] = []
    for target in targets:
        asked = [one for one in (_asked(target, protocol, protocols) for protocol in protocols) if one is not None]
        covered = [one for one in asked if _covers(credentials, one)]
        for one in covered or asked[:1]:
            if one.protocol == SSH or not one.jumps:
                made.append(one)
            elif len(covered) > 1:
                behind.append(one.name)
            else:
                refused.append(_behind(one))
    notes = []
    if behind:
        named = ", ".join(behind[:MOST_NAMED]) + (f" and {len(behind) - MOST_NAMED} more" * (len(behind) > MOST_NAMED))
        notes.append(f"Behind jump hosts, which carry no SNMP, so by SSH alone: {named}.")
    return made, refused, notes


def _asked(target: Target, protocol: str, protocols: Sequence[str]) -> Target | None:
    if protocol == SSH:
        return target
    # A port is written for the one protocol of a sweep; where there are both, it is that of SSH.
    port = target.port if SSH not in protocols else PORTS[SNMP]
    return replace(
        target,
        protocol=SNMP,
        port=port,
        user="",
        identity_files=(),
        host_key_alias="",
        known_hosts_files=(),
        identities_only=False,
    )


def _covers(credentials: Credentials, target: Target) -> bool:
    return bool(credentials.covering_snmp(target) if target.protocol == SNMP else credentials.covering(target))


def _behind(target: Target) -> TargetOutcome:
    return TargetOutcome(
        target.name,
        target.address,
        UNREACHABLE,
        "connect",
        f"it is behind {target.jumps[0].address}, and a jump host carries no SNMP",
        "sweep it from a machine that reaches it",
        protocol=SNMP,
    )
