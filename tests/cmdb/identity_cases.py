"""Machines that report, with a truth that the core does not know: for tests of identity.

A machine has marks of its own; a clone has some of another's. What each batch was about is known here, so that what became of
it can be judged.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from cmdb.model.values import digest
from cmdb.taking import Receipt
from tests.cmdb.building import Receiver, Reporter, packages, system

MINUTE = 60


@dataclass(frozen=True)
class Told:
    """One batch: which machine it is about, who sent it, and when (seconds)."""

    machine: str
    source: str
    sequence: int
    at: int
    marks: dict[str, Any] = field(hash=False)
    route: str = "agent"
    subject_class: str = "Host"

    def batch(self) -> bytes:
        reporter = Reporter(self.machine, self.source, self.route, sequence=self.sequence - 1, marks=self.marks)
        reporter.header = {"subject_class": self.subject_class}
        return reporter.batch(system(self.machine), packages(f"only-{self.machine}"), at=self.at)


def machine(name: str, **marks: Any) -> dict[str, Any]:
    """Marks that no other machine has."""
    number = digest(name)
    return {
        "agent_key": f"key-{name}",
        "machine_id": digest(f"installation {name}")[:32],
        "dmi_uuid": f"{number[:8]}-{number[8:12]}-4{number[13:16]}-8{number[17:20]}-{number[20:32]}",
        "ssh_host_keys": [f"SHA256:{number[:40]}"],
        "macs": [mac_of(name)],
        "host_name": name,
        **marks,
    }


def clone(name: str, of: dict[str, Any], **marks: Any) -> dict[str, Any]:
    """A copy of a machine's disk, started with hardware of its own and an agent of its own."""
    own = machine(name)
    return {**of, **{n: own[n] for n in ("agent_key", "dmi_uuid", "macs")}, **marks}


def mac_of(name: str) -> str:
    number = digest(f"mac {name}")
    return "52:54:00:" + ":".join(number[i : i + 2] for i in (0, 2, 4))


def take(cmdb: Receiver, told: Iterable[Told]) -> list[Receipt]:
    found = []
    for one in told:
        cmdb.now = max(cmdb.now, one.at)
        found.append(cmdb.take(one.batch()))
    return found


def homes(cmdb: Receiver, told: Sequence[Told], receipts: Sequence[Receipt]) -> dict[str, set[str]]:
    """The CIs at which each machine's batches landed."""
    found: dict[str, set[str]] = {}
    for one, receipt in zip(told, receipts, strict=True):
        if receipt.get("ci"):
            found.setdefault(one.machine, set()).add(receipt["ci"])
    return found


def conflicts(cmdb: Receiver) -> list[dict[str, Any]]:
    """Open conflicts; a CI is named by what it is known by, since ids follow the order."""
    with cmdb.view() as view:
        items = view.last_states([i for e in view.entries("conflict") for i in e.value["cis"]])
        return sorted(
            (
                {
                    "kind": entry.value["kind"],
                    "cis": sorted(items[i].identifiers for i in entry.value["cis"]),
                    "identifiers": entry.value["identifiers"],
                }
                for entry in view.entries("conflict")
                if entry.value["state"] == "open"
            ),
            key=str,
        )


def orders(told: Sequence[Told]) -> Iterable[tuple[Told, ...]]:
    """Every order of these batches."""
    return itertools.permutations(told)
