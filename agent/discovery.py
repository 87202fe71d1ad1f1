"""Discovery of this host: one pass, as a batch; in processes apart, or in this one."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Optional

from agent.fact import Context, Fact
from agent.isolation import Isolation, Kept
from agent.portable_facts import facts_of
from agent.report import Report, marks_of, report
from agent.shell import LocalShell
from agent.state import State
from cmdb.model.batch import Header, encode
from cmdb.model.errors import UsageError
from cmdb.model.times import now


def discover(
    state: State, digest_key: Optional[bytes], progress: Callable[[str], None], resident: bool = False
) -> Report:
    """One pass over this host by this process. `progress` hears the name of each section as it begins.

    Without `digest_key` files that not everyone may read are not compared, and their section says so. A process that is
    `resident` is part of what the host runs, as any other pass would see it; one that only looks does not count.
    """
    shell = own_shell(resident)
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


def discover_once(
    state: State, digest_key: Optional[bytes], progress: Callable[[str], None], without: Collection[str] = ()
) -> Report:
    """One pass over this host by processes apart, of all facts but those that shall not leave it."""
    wanted = facts(without).values()
    isolation = Isolation(lambda: own_shell(resident=False), again=False, beginning=lambda name: progress(begins(name)))
    return discover_apart(state, digest_key, isolation, wanted)


def discover_apart(
    state: State,
    digest_key: Optional[bytes],
    isolation: Isolation,
    wanted: Iterable[Fact],
    interval_seconds: int = 3600,
) -> Report:
    """One pass over this host by processes apart, of some facts. The marks by which the host is known are
    those that each fact gave last."""
    shell = isolation.shell()
    moment = now()
    context = Context(privilege=shell.privilege, own_pids=shell.own_pids, digest_key=digest_key, observed_at_us=moment)
    found = isolation.look(context, wanted)
    header = Header(
        id=os.urandom(16).hex(),
        source=state.source(),
        route="agent",
        sequence=state.next_sequence(),
        observed_at=moment,
        subject_class="Host",
        marks=marks_of(_marks(isolation.kept), state.agent_key()),
        privilege=shell.privilege,
        interval_seconds=interval_seconds,
    )
    return Report(header, [one.section for one in found])


def facts(without: Collection[str]) -> dict[str, Fact]:
    """All facts but those that the host's settings leave out. Raises UsageError where these name one that there is not: then
    something would leave the host that shall not."""
    known = facts_of(sys.platform)
    unknown = sorted(set(without) - set(known))
    if unknown:
        raise UsageError(f"The agent's settings: without = {' '.join(unknown)}: there is no such section.")
    return {name: fact for name, fact in known.items() if name not in without}


def own_shell(resident: bool) -> LocalShell:
    """This host as this process sees it; where it is not `resident` it does not count, nor does what it starts."""
    shell = LocalShell()
    if resident:
        shell.own_pids = frozenset()
    return shell


def lines(found: Report) -> list[bytes]:
    """The lines that would leave this host, each with its line end."""
    return list(encode(found.header, found.sections))


def begins(name: str) -> str:
    """What is said while a fact is looked at."""
    return f"looking at {name.replace('_', ' ')}"


def _marks(kept: Mapping[str, Kept]) -> dict[str, Any]:
    return {mark: value for one in kept.values() for mark, value in one.told.marks.items()}


def _told(progress: Callable[[str], None]) -> Iterator[Fact]:
    for name, fact in facts_of(sys.platform).items():
        progress(begins(name))
        yield fact
