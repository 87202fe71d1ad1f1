"""What happened, newest first: to one CI, or in the whole store, one entry a revision."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from api.ui import words
from cmdb import redacted
from cmdb.history import Row, rows_of
from cmdb.model.relationship_types import RELATIONSHIP_TYPES
from cmdb.ports import View
from cmdb.states import Item, Revision

ENTRIES = 10
ROWS = 40
"""Rows of one revision that are shown; the rest is counted, and stands on the revision's own page."""
CHANGES = 100


@dataclass(slots=True)
class Happened:
    """One row: an attribute before and after, a beginning, an end. `other` is the far end of a relation."""

    kind: str
    what: str
    other: Item | None = None
    before: words.Field | None = None
    after: words.Field | None = None
    not_before: int | None = None
    witness: str | None = None


@dataclass(slots=True)
class Entry:
    """What one revision did. `left_out` rows are not in `rows`."""

    revision: Revision
    rows: list[Happened] = field(default_factory=list)
    left_out: int = 0

    @property
    def seen_at(self) -> int:
        """When the reporter saw it (its own clock), else when it was committed."""
        return self.revision.observed_at or self.revision.committed_at

    @property
    def not_before(self) -> int | None:
        """The last look that still saw the state before, where that is the same for every row."""
        found = {row.not_before for row in self.rows}
        return found.pop() if len(found) == 1 else None


@dataclass(slots=True)
class Timeline:
    """One page. `total` revisions in all; `before` asks for the page behind."""

    entries: list[Entry]
    total: int
    before: int | None


@dataclass(slots=True)
class Changes:
    """One page of what a revision did: (kind, change, item or text). `next` is where the page behind begins."""

    items: list[dict[str, Any]]
    total: int
    next: int | None


def of(view: View, own: Item, at: int | None = None, before: int | None = None, size: int = ENTRIES) -> Timeline:
    """What happened to a CI and its relations up to `at`, in revisions below `before`."""
    by_revision: dict[int, list[Row]] = {}
    told = [Row(*one) for one in redacted.told_of(view, own.id, at)]
    for row in [*told, *rows_of(view.history(own.id), view.link_history(own.id))]:
        if at is None or row.revision <= at:
            by_revision.setdefault(row.revision, []).append(row)
    numbers = sorted((n for n in by_revision if before is None or n < before), reverse=True)
    shown = numbers[:size]
    kept = {n: by_revision[n][:ROWS] for n in shown}
    ends = {e for rows in kept.values() for row in rows for e in _ends(row) if e != own.id}
    others = view.last_states(sorted(ends)) if ends else {}
    entries = []
    for number in shown:
        revision = view.revision(number)
        if revision is not None:
            rows = [_happened(row, own, others) for row in kept[number]]
            entries.append(Entry(revision, rows, len(by_revision[number]) - len(rows)))
    return Timeline(entries, len(by_revision), shown[-1] if len(numbers) > size else None)


def latest(view: View, at: int | None = None, before: int | None = None, size: int = ENTRIES) -> list[Revision]:
    """Revisions up to `at` and below `before`, newest first."""
    newest = view.head().number if at is None else at
    top = newest if before is None else min(newest, before - 1)
    return view.revisions(max(top - size, 0), min(size, top))[::-1] if top > 0 else []


def changes(view: View, number: int, start: int = 0, size: int = CHANGES) -> Changes:
    """What a revision did, from the row `start` on."""
    found = view.changed(number - 1, number)
    page = found[start : start + size]
    ids = {part for kind, _, key in page if kind != "entry" for part in key.split(" ") if len(part) == 26}
    states = view.last_states(sorted(ids)) if ids else {}
    items = []
    for kind, change, key in page:
        parts = key.split(" ")
        row: dict[str, Any] = {"kind": kind, "change": change, "key": key}
        if kind == "ci":
            row["item"] = states.get(key)
        elif kind == "link":
            row |= {
                "subject": states.get(parts[0]),
                "type": words.relation_label(parts[1]),
                "object": states.get(parts[2]),
            }
        items.append(row)
    return Changes(items, len(found), start + size if start + size < len(found) else None)


def _ends(row: Row) -> tuple[str, ...]:
    return (row.relation["subject"], row.relation["object"]) if row.relation else ()


def _happened(row: Row, own: Item, others: dict[str, Item]) -> Happened:
    what, other = "", None
    if row.relation:
        outward = row.relation["subject"] == own.id
        declared = RELATIONSHIP_TYPES.get(row.relation["type"])
        what = words.relation_label(row.relation["type"] if outward or not declared else declared.inverse)
        other = others.get(row.relation["object" if outward else "subject"])
    if row.attribute:
        label = words.attribute_label(row.attribute)
        what = f"{what} \N{MIDDLE DOT} {label}" if what else label
    class_name = own.class_name if not row.relation else ""
    name = row.attribute or ""
    return Happened(
        kind=row.kind,
        what=what,
        other=other,
        before=None if row.before is None else words.field(class_name, name, row.before),
        after=None if row.after is None else words.field(class_name, name, row.after),
        not_before=row.not_before,
        witness=row.witness,
    )
