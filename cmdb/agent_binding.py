"""An agent's key and the CI that it reports for: a key tells of its own host and of nothing else.

The register entry of a key is of kind "agent" by its id (api/agents.py); its "ci" is the host, from its first batch that landed
on. A batch under a key that is of another machine lands nowhere: it is quarantined as any other subject that can not be told,
with the CI of the key as a candidate, so that people decide (`conflict resolve`), and nothing is overwritten meanwhile. That
is what two machines with one key come to, a disk that was copied say.

Which CI a key tells of is also kept by the CI, unversioned of kind "agent_of": {"agent": id}.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from cmdb import aliases
from cmdb.identify import IDENTITY, Identified
from cmdb.merge import SectionWork
from cmdb.model.batch import MAX_SECTIONS, Header
from cmdb.model.errors import ForbiddenError, InvalidDocument
from cmdb.model.identity import MARKS, contradiction, marks_of
from cmdb.model.times import SECOND
from cmdb.ports import Transaction, View
from cmdb.states import Claim, Entry, Scope

KIND = "agent"
HOLDER = "agent_of"
SAID = "agent_said"
"""Unversioned, by the key's id: what the agent said last (cmdb.model.again), {"packed": base64}."""
ITEMS = "agent_items"
"""Unversioned, by the key's id: how many items each section told last."""
LIVE = ("active", "pending")
LASTING = ("agent key", "machine-id", "DMI UUID")
"""Marks that a machine keeps for good: one that has others is another machine until people say that it is not. MACs and SSH host
keys change, of a container at each start; others count for another machine while the one that is known still reports."""


@dataclass(frozen=True)
class Agent:
    """The key that a batch is signed with, and how much it may tell: CIs in all, sections over all of its
    batches, and identifiers of its host."""

    key: str
    most_items: int = 100_000
    most_identifiers: int = 1_000
    most_sections: int = MAX_SECTIONS


def judged(tx: Transaction, agent: Agent, header: Header, found: Identified, received_at: int) -> Identified:
    """The outcome of identification once it counts whose key it is: as it is, or quarantined with the reason.

    Raises InvalidDocument where the batch is about no host, or one with too many identifiers.
    """
    if header.subject_class != "Host":
        raise InvalidDocument("an agent tells of its own host, not of others", "/0/subject/class")
    if len(found.identifiers) > agent.most_identifiers:
        raise InvalidDocument(
            f"{len(found.identifiers)} identifiers; an agent may bring {agent.most_identifiers}",
            "/0/subject/identifiers",
        )
    entry = tx.entry(KIND, agent.key)
    if entry is None or entry.value["state"] != "active":
        raise ForbiddenError(f"The agent's key {agent.key} was revoked.")
    own = _own(tx, entry)
    if own is None:
        return _first(tx, agent, entry, found)
    if found.id != own:
        what = found.id or "of a host that is not known"
        return _quarantined(found, own, f"the key {agent.key} is of {own}, and this report is {what}")
    why = _another_machine(tx, found, header, received_at)
    return _quarantined(found, own, f"two machines use the key {agent.key} of {own}: {why}") if why else found


def bound(tx: Transaction, agent: Agent, id_: str) -> list[Entry]:
    """The register entry of a key whose batch lands at this CI, where it had none, or one that is gone or merged. To be called
    once the batch can not be refused any more."""
    entry = tx.entry(KIND, agent.key)
    if entry is None or _own(tx, entry) == entry.value["ci"] is not None:
        return []
    tx.put_unversioned(HOLDER, id_, {"agent": agent.key})
    return [Entry(KIND, agent.key, {**entry.value, "ci": id_}, 0, b"", b"")]


def holder(view: View, id_: str) -> str:
    """The key that is not revoked and tells of this CI, empty where there is none."""
    found = view.unversioned(HOLDER, id_)
    if found is None:
        return ""
    entry = view.entry(KIND, str(found["agent"]))
    return entry.key if entry is not None and entry.value["state"] in LIVE else ""


def told(
    tx: Transaction, agent: Agent, works: Iterable[SectionWork], sections: Collection[str]
) -> dict[str, int] | None:
    """How many items each section of this key tells with these, None where none of them tells another number. `sections` are
    the names of all that stand for it then, each of which every batch has to look at.

    Raises InvalidDocument where items or sections are more in all than the key may tell.
    """
    if len(sections) > agent.most_sections:
        raise InvalidDocument(
            f"{len(sections)} sections in all; this agent may tell {agent.most_sections}", "/sections"
        )
    before: dict[str, int] = tx.unversioned(ITEMS, agent.key) or {}
    now = {**before, **{w.scope.section: len(w.observed.items) for w in works}}
    if now == before:
        return None
    total = sum(now.values())
    if total > agent.most_items:
        raise InvalidDocument(f"{total} items in all; this agent may tell {agent.most_items}", "/sections")
    return now


def keep_told(tx: Transaction, agent: Agent, now: dict[str, int] | None) -> None:
    """Keep what `told` counted, once the batch can not be refused any more."""
    if now is not None:
        tx.put_unversioned(ITEMS, agent.key, now)


def forget_said(tx: Transaction, id_: str) -> None:
    """Forget what the agents of a CI said last, which they are asked for anew: it may tell what has to go."""
    for entry in tx.entries(KIND):
        if _own(tx, entry) == id_ and tx.unversioned(SAID, entry.key) is not None:
            tx.remove_entry_value(SAID, entry.key)


def _own(tx: Transaction, entry: Entry) -> str | None:
    """The CI that the key tells of, after merges; None where it has none, or one that was retired."""
    ci = entry.value["ci"]
    if ci is None:
        return None
    id_ = aliases.resolve(tx, str(ci))
    return id_ if tx.items([id_]) else None


def _first(tx: Transaction, agent: Agent, entry: Entry, found: Identified) -> Identified:
    """The first report under a key: of the machine that was enrolled, and of none that another key tells of."""
    why = contradiction(entry.value["identifiers"], found.identifiers)
    if why:
        reason = f"the key {agent.key} was given to a machine with other marks: {why}"
        return _quarantined(found, found.id, reason)
    other = holder(tx, found.id) if found.id else ""
    if other and other != agent.key:
        reason = f"{found.id} reports under the key {other}, and the key {agent.key} came with its identifiers"
        return _quarantined(found, found.id, reason)
    return found


def _quarantined(found: Identified, candidate: str | None, reason: str) -> Identified:
    if found.quarantine:  # nobody knows who it is, which is said already
        return found
    return replace(found, id=None, quarantine=reason, candidates=[candidate] if candidate else [], disagreements=[])


def _another_machine(tx: Transaction, found: Identified, header: Header, received_at: int) -> str:
    """Which mark says that this is not the machine that told of the CI under this key before, empty where none does."""
    assert found.id is not None, "the caller looked"
    standing = found.standing if found.standing is not None else tx.scopes_of(header.source, found.id)
    mine = standing.get(IDENTITY)
    own = _claim(tx, found.id, mine)
    if mine is None or own is None:
        return ""
    why = contradiction(own.identifiers, found.identifiers)
    if not why or (header.sequence < mine.sequence and header.observed_at <= mine.observed_at):
        return ""  # a late report is of a time before, and changes nothing
    said, now = marks_of(own.identifiers), marks_of(found.identifiers)
    differing = [m for m in MARKS if said.get(m) and now.get(m) and not said[m] & now[m]]
    live = received_at - mine.seen_at <= header.interval_seconds * SECOND
    return why if live or any(mark in LASTING for mark in differing) else ""


def _claim(tx: Transaction, id_: str, mine: Scope | None) -> Claim | None:
    return next((c for c in tx.claims([id_]) if mine is not None and c.scope == mine.number and c.identifiers), None)
