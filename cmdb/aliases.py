"""Old ids: which CI an id leads to after merges (merging.py). An id that was ever given resolves for good.

An entry of kind "alias" says of a merged whole which CI it is part of history of now: {"ci": surviving id}. Of its parts,
the entry of kind "merge" of the same key says which were folded into an equal part: {"folded": {old id: id}}; all others kept
their ids. Both are versioned, so that an id means as of a revision what it meant then.
"""

from __future__ import annotations

from collections.abc import Iterable

from cmdb.ports import View

KIND = "alias"
MERGE = "merge"
DEEPEST = 1000
"""Merges of merges are followed so far; only a store that was tampered with has a circle."""


def resolve(view: View, id_: str, at: int | None = None) -> str:
    """The CI that an id leads to as of a revision: itself, unless it was merged into another one by then."""
    for _ in range(DEEPEST):
        if not id_.isascii() or id_ in view.items([id_], at):
            return id_
        onward = _alias(view, id_, at) or _folded(view, id_, at)
        if onward is None:
            return id_
        id_ = onward
    return id_


def resolved(view: View, ids: Iterable[str], at: int | None = None) -> dict[str, str]:
    """Of these ids those that lead to another CI, with the id of that."""
    asked = list(dict.fromkeys(ids))
    here = view.items(asked, at) if asked else {}
    found = {id_: resolve(view, id_, at) for id_ in asked if id_ not in here}
    return {id_: onward for id_, onward in found.items() if onward != id_}


def _alias(view: View, id_: str, at: int | None) -> str | None:
    entry = view.entry(KIND, id_, at)
    return str(entry.value["ci"]) if entry is not None else None


def _folded(view: View, id_: str, at: int | None) -> str | None:
    """Where a part was folded into an equal one: its whole's merge says so."""
    last = view.last_states([id_]).get(id_)
    if last is None or last.parent is None:
        return None
    entry = view.entry(MERGE, last.parent, at)
    onward = entry.value["folded"].get(id_) if entry is not None else None
    return str(onward) if onward is not None else None
