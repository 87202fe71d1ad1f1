"""A baseline's state with the ids that its CIs have by now: some were merged into others since (cmdb/aliases.py)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from baselines.snapshot import Pair, Snapshot
from cmdb import aliases
from cmdb.ports import View
from cmdb.states import Item, LinkKey


def followed(before: Snapshot, view: View, at: int | None = None) -> tuple[Snapshot, list[tuple[str, Item]]]:
    """The snapshot under the ids that its CIs have as of a revision, and what is not in it any more: states of CIs that are
    one with another one of the snapshot, each with the id of that."""
    onward = aliases.resolved(view, before.items, at)
    onward.update(aliases.resolved(view, {subject for subject, _ in before.coverage} - before.items.keys(), at))
    if not onward:
        return before, []
    found = Snapshot(before.revision, before.as_of, before.scope)
    gone: list[tuple[str, Item]] = []
    for id_, item in before.items.items():
        new = onward.get(id_, id_)
        if new != id_ and new in before.items:
            gone.append((new, item))
        else:
            parent = None if item.parent is None else onward.get(item.parent, item.parent)
            found.items[new] = replace(item, id=new, parent=parent)
    for key, link in before.links.items():
        ends = _key(key, onward)
        if ends[0] != ends[2]:
            found.links.setdefault(ends, replace(link, subject=ends[0], object=ends[2]))
    for pair, rows in before.coverage.items():
        moved = _pair(pair, onward)
        found.coverage.setdefault(moved, []).extend(replace(row, subject=moved[0]) for row in rows)
    for target, pairs in before.claims.items():
        of = onward.get(target, target) if isinstance(target, str) else _key(target, onward)
        found.claims.setdefault(of, set()).update(_pair(pair, onward) for pair in pairs)
    for (subject, class_name, name), sections in before.tells.items():
        found.tells.setdefault((onward.get(subject, subject), class_name, name), set()).update(sections)
    return found, gone


def _key(key: LinkKey, onward: Mapping[str, str]) -> LinkKey:
    return (onward.get(key[0], key[0]), key[1], onward.get(key[2], key[2]))


def _pair(pair: Pair, onward: Mapping[str, str]) -> Pair:
    return (onward.get(pair[0], pair[0]), pair[1])
