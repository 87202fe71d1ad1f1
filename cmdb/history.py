"""What happened, told by consecutive states: one row an attribute that changed, one a beginning or an end. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cmdb.model.values import Value
from cmdb.states import Item, Link, LinkKey


@dataclass(frozen=True, slots=True)
class Row:
    """Something that a revision did. `relation` is None where it was done to the CI itself.

    It happened after `not_before` (microseconds; None where nobody looked before) and by the revision's observation.
    """

    revision: int
    kind: str
    """created, updated or retired; of a CI also merged and split, with the other's id as witness, redacted, redaction lifted"""
    relation: dict[str, str] | None = None
    attribute: str | None = None
    before: Value | None = None
    after: Value | None = None
    not_before: int | None = None
    witness: str | None = None


def rows_of(states: Sequence[Item], link_states: Iterable[Link]) -> list[Row]:
    """All rows of a CI and of its relations, by revision; within one the CI before its relations, by type and attribute."""
    rows = list(_rows(states, None))
    by_key: dict[LinkKey, list[Link]] = {}
    for link in link_states:
        by_key.setdefault(link.key, []).append(link)
    for (subject, type_, object_), links in by_key.items():
        rows += _rows(sorted(links, key=lambda k: k.since), {"type": type_, "subject": subject, "object": object_})
    return sorted(rows, key=_place)


def changed(
    before: Mapping[str, Value], after: Mapping[str, Value]
) -> Iterator[tuple[str, Value | None, Value | None]]:
    """(attribute, before, after) of those that differ, by name; None where absent. True is not 1 here."""
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if old != new or type(old) is not type(new):
            yield name, old, new


def _rows(states: Sequence[Item] | Sequence[Link], relation: dict[str, str] | None) -> Iterator[Row]:
    last: Item | Link | None = None
    for state in states:
        if last is None or last.ended == "retired":
            yield Row(state.since, "created", relation, not_before=state.not_before)
        elif last.freed:
            if not state.freed:
                yield Row(state.since, "horizon", relation)
        else:
            for name, old, new in changed(_told(last), _told(state)):
                yield Row(state.since, "updated", relation, name, old, new, state.not_before)
        if state.ended == "retired" and state.until is not None:
            yield Row(state.until, "retired", relation, not_before=state.ended_not_before, witness=state.witness)
        last = state


def _told(state: Item | Link) -> Mapping[str, Value]:
    """What of a state is compared: attributes, and of a CI its identifiers and the whole that it belongs to."""
    if isinstance(state, Link):
        return state.attributes
    told: dict[str, Value] = dict(state.attributes)
    if state.identifiers:
        told["identifiers"] = list(state.identifiers)
    if state.parent is not None:
        told["parent"] = state.parent
    return told


def _place(row: Row) -> tuple[Any, ...]:
    relation = row.relation or {}
    return (row.revision, row.relation is not None, *relation.values(), row.kind, row.attribute or "")
