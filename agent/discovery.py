"""Discovery of this host by this process: one pass, as a batch."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Optional

from agent.fact import Context, Fact
from agent.facts import FACTS
from agent.report import Report, report
from agent.shell import LocalShell
from agent.state import State
from cmdb.model.batch import encode
from cmdb.model.times import now


def discover(
    state: State, digest_key: Optional[bytes], progress: Callable[[str], None], resident: bool = False
) -> Report:
    """One pass over this host. `progress` hears the name of each section as it begins.

    Without `digest_key` files that not everyone may read are not compared, and their section says so. A process that is
    `resident` is part of what the host runs, as any other pass would see it; one that only looks does not count.
    """
    shell = LocalShell()
    if resident:
        shell.own_pids = frozenset()
    context = Context(privilege=shell.privilege, own_pids=shell.own_pids, digest_key=digest_key, observed_at_us=now())
    return report(
        shell,
        context,
        _told(progress),
        id=os.urandom(16).hex(),
        source=state.source(),
        sequence=state.next_sequence(),
        agent_key=state.agent_key(),
    )


def lines(found: Report) -> list[bytes]:
    """The lines that would leave this host, each with its line end."""
    return list(encode(found.header, found.sections))


def _told(progress: Callable[[str], None]) -> Iterator[Fact]:
    for name, fact in FACTS.items():
        progress(f"looking at {name.replace('_', ' ')}")
        yield fact
