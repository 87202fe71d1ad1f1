"""The ways by which a sweep looks at targets, put together for its rounds: over SSH, by SNMP, or both side by side."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from agent.terminal import Terminal
from api.sweep_files import SweepFiles
from collector.deadlines import Deadlines
from collector.reaching import by_protocol
from collector.runner import Reach
from collector.target import SNMP, SSH, Target
from collector.work import Connection, Guard, Job, Look, Looked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.outcome import Stopped
    from collector.secret_refs import Secrets
    from collector.ssh.hosts import Reporting

KEPT = 1024
"""Connections that stay open between rounds."""

Begin = Callable[[str, "Reporting"], tuple[Reach, Look]]
"""Says for a round, by the id of its record, which targets answer and who looks at them."""


@contextmanager
def ways(options: argparse.Namespace, files: SweepFiles, protocols: Collection[str], io: Terminal) -> Iterator[Begin]:
    """All rounds of one sweep by these protocols. Raises UsageError where what speaks one of them is not installed."""
    secrets = files.secrets()
    with ExitStack() as stack:
        every: dict[str, Begin] = {}
        if SSH in protocols:
            every[SSH] = stack.enter_context(_over_ssh(options, files, secrets, io))
        if SNMP in protocols:
            every[SNMP] = _by_snmp(options, files, secrets)

        def begin(sweep: str, reporting: Reporting) -> tuple[Reach, Look]:
            made = {protocol: one(sweep, reporting) for protocol, one in every.items()}
            return by_protocol({protocol: reach for protocol, (reach, _) in made.items()}), look_by_protocol(
                {protocol: look for protocol, (_, look) in made.items()}
            )

        yield begin


def look_by_protocol(looks: Mapping[str, Look]) -> Look:
    """Who looks at targets of every protocol by those who look at targets of one."""

    def look(job: Job, connection: Connection | None, guard: Guard) -> Looked:
        return looks[job.target.protocol](job, connection, guard)

    return look


@contextmanager
def _over_ssh(options: argparse.Namespace, files: SweepFiles, secrets: Secrets, io: Terminal) -> Iterator[Begin]:
    from collector.ssh.lean import start_lean

    start_lean()
    from collector.ssh.opening import Settings, opening

    settings = Settings(
        files.state.folder / "known_hosts",
        options.host_keys,
        Deadlines(total=float(options.timeout)),
        options.old_algorithms,
        KEPT if options.rounds > 1 else 0,
    )
    with opening(settings, files.offers(secrets)) as made:
        for sentence in made.left_out:
            io.say(f"Known hosts that are left out: {sentence}")
        yield made.round


def _by_snmp(options: argparse.Namespace, files: SweepFiles, secrets: Secrets) -> Begin:
    from collector.snmp.device import survey
    from collector.snmp.devices import Devices
    from collector.snmp.engines import ready
    from collector.snmp.reachability import reach

    ready(options.snmp_engine)
    logins = files.logins(options.snmp_engine, secrets)

    def answering(targets: Iterable[Target]) -> Iterator[tuple[Target, Connection | Stopped]]:
        return reach(targets, logins.probes)

    def begin(_: str, reporting: Reporting) -> tuple[Reach, Look]:
        return answering, Devices(logins, survey, reporting, seconds=float(options.timeout))

    return begin
