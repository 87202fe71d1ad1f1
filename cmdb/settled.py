"""Conflicts that are over by themselves: an identifier that several CIs had is left with one of them.

Two hosts that swap a part, and a clone that gets numbers of its own, disagree only until both have reported.
"""

from __future__ import annotations

from cmdb import conflicts
from cmdb.draft import Draft
from cmdb.identify import SHARED
from cmdb.states import Entry, Retirement

RESOLUTION = {"as": "over", "reason": "No two of them are known by the same any more."}


def over(draft: Draft, batch: str) -> None:
    """Close what is over with this draft, and let identifiers that one CI alone has identify it again. `batch` is the
    witness."""
    dropped = {i for old, new in draft.updated.values() for i in set(old.identifiers).difference(new.identifiers)}
    if not dropped:
        return
    tx = draft.tx
    alone = {i for i, ids in _holders(draft, dropped).items() if len(ids) < 2}
    for identifier in sorted(alone):
        entry = tx.entry(SHARED, identifier)
        if entry is not None:
            draft.entries_removed.append((entry, Retirement(f"{batch} {identifier}", None)))
    written = {entry.key for entry in draft.entries if entry.kind == conflicts.KIND}
    for entry in tx.entries(conflicts.KIND) if alone else ():
        if entry.key not in written and _was_between_several(entry) and alone.intersection(entry.value["identifiers"]):
            left = _holders(draft, set(entry.value["identifiers"]) - alone)
            if all(len(ids) < 2 for ids in left.values()):
                draft.entries.append(conflicts.closed(tx, entry, RESOLUTION, forget=True))


def _was_between_several(entry: Entry) -> bool:
    value = entry.value
    return (
        value["state"] == "open"
        and value["kind"] in ("shared", "foreign")
        and len(value["cis"]) > 1
        and not value.get("more")
    )


def _holders(draft: Draft, identifiers: set[str]) -> dict[str, set[str]]:
    """Which CIs have each of these, as they will be."""
    found = {i: set(ids) for i, ids in draft.tx.identified(sorted(identifiers)).items()} if identifiers else {}
    for old, new in draft.updated.values():
        for identifier in identifiers.intersection(old.identifiers):
            found.setdefault(identifier, set()).discard(old.id)
        for identifier in identifiers.intersection(new.identifiers):
            found.setdefault(identifier, set()).add(new.id)
    for made in draft.created.values():
        for identifier in identifiers.intersection(made.identifiers):
            found.setdefault(identifier, set()).add(made.id)
    return found
