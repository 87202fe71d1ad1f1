"""The discovery state `stale`: nobody has seen a CI for longer than its class's limit. Stale is not gone.

It is an entry of kind "stale" by the id of an independent CI, {"last_seen": ISO 8601}; parts follow their whole. The scheduled
job (freshness.py) makes it, a fresh observation ends it in its own revision.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from cmdb.draft import Draft
from cmdb.model.precedence import PERIODIC
from cmdb.model.times import iso
from cmdb.ports import Transaction, View
from cmdb.staleness import silent_before
from cmdb.states import Entry, Item, Retirement, Scope

KIND = "stale"


def stale_of(view: View, items: Iterable[Item], at: int | None = None) -> set[str]:
    """Ids of those among these CIs that are stale, themselves or with their whole."""
    wholes = {item.id: item.parent or item.id for item in items}
    if not wholes:
        return set()
    found = {entry.key for entry in view.entries(KIND, at, sorted(set(wholes.values())))}
    return {id_ for id_, whole in wholes.items() if whole in found}


def last_seen(scopes: Iterable[Scope]) -> int | None:
    """When any of these sections was last collected by a route that looks again and again; None where none ever was."""
    seen = [s.collected_at for s in scopes if s.route in PERIODIC and s.collected_at is not None]
    return max(seen, default=None)


def is_stale(class_name: str, scopes: Iterable[Scope], now: int) -> bool:
    """True where discovery knew the CI, and has not seen it for longer than its class's limit."""
    seen = last_seen(scopes)
    return seen is not None and seen < silent_before(class_name, now)


def entry_of(id_: str, scopes: Iterable[Scope]) -> Entry:
    """What says that a CI is stale."""
    return Entry(KIND, id_, {"last_seen": iso(last_seen(scopes) or 0)}, 0, b"", b"")


def seen_with(tx: Transaction, subject: str, scopes: Collection[Scope]) -> dict[str, tuple[Item, list[Scope]]]:
    """What these sections of a subject tell of that is no part of anything (addresses, subnets), with all who tell of it."""
    numbers = [s.number for s in scopes if s.number]
    targets = {c.target for c in tx.claims_of(numbers) if isinstance(c.target, str)} - {subject} if numbers else set()
    items = {i: item for i, item in tx.items(targets).items() if item.parent is None} if targets else {}
    tellers = told_by(tx, items) if items else {}
    return {id_: (item, tellers[id_]) for id_, item in items.items()}


def told_by(tx: Transaction, ids: Collection[str]) -> dict[str, list[Scope]]:
    """The sections that tell of independent CIs: of a subject of batches all that are about it."""
    claims = [c for c in tx.claims(sorted(ids)) if isinstance(c.target, str)]
    known = tx.scopes_by_number({c.scope for c in claims}) if claims else {}
    found: dict[str, list[Scope]] = {id_: [] for id_ in ids}
    for claim in claims:
        if claim.scope in known:
            found[str(claim.target)].append(known[claim.scope])
    for id_, scopes in found.items():
        if any(s.subject == id_ for s in scopes):
            found[id_] = tx.scopes(id_)
    return found


def seen_again(draft: Draft, subject: str, standing: Mapping[str, Scope], source: str, witness: str) -> None:
    """A batch has come about a subject that may be stale: it is current again, and so is what its source tells of."""
    if draft.tx.entry(KIND, subject) is None:
        return
    ids = {subject, *seen_with(draft.tx, subject, list(standing.values()))}
    for entry in draft.tx.entries(KIND, None, sorted(ids)):
        draft.entries_removed.append((entry, Retirement(f"{source} {witness}", None)))


def may_be_stale(class_name: str, identity: Scope | None, now: int) -> bool:
    """False where the source itself has been heard of within the limit, so that nothing needs to be asked."""
    return identity is None or (identity.collected_at or 0) < silent_before(class_name, now)
