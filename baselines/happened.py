"""When what differs between two revisions came about, read from history.

The interval of a change is `not_before` (last successful observation that still saw the old state) to `not_after` (the
first that saw the new one, by its revision).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cmdb.model.times import iso
from cmdb.ports import View
from cmdb.states import Item, Link, LinkKey, Revision

_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Event:
    """The revision that made the difference; times ISO 8601, None where history does not say."""

    revision: int | None = None
    not_before: str | None = None
    not_after: str | None = None
    source: str | None = None


NEVER = Event()


class Happened:
    """Answers for all that changed after revision `after`, up to revision `until`."""

    def __init__(self, view: View, after: int, until: int) -> None:
        self._view, self._after, self._until = view, after, until
        self._items: dict[str, list[Item]] = {}
        self._links: dict[str, list[Link]] = {}
        self._revisions: dict[int, Revision | None] = {}

    def item(self, id_: str) -> Event:
        """When a CI came or went."""
        return self._presence(self._item_states(id_))

    def attribute(self, id_: str, name: str) -> Event:
        """When an attribute took the value that it has at the end."""
        return self._value(self._item_states(id_), name)

    def link(self, key: LinkKey) -> Event:
        """When a relation came or went."""
        return self._presence(self._link_states(key))

    def link_attribute(self, key: LinkKey, name: str) -> Event:
        """When an attribute of a relation took the value that it has at the end."""
        return self._value(self._link_states(key), name)

    def _item_states(self, id_: str) -> list[Item]:
        if id_ not in self._items:
            self._items[id_] = self._view.history(id_)
        return self._items[id_]

    def _link_states(self, key: LinkKey) -> list[Link]:
        if key[0] not in self._links:
            self._links[key[0]] = self._view.link_history(key[0])
        return [state for state in self._links[key[0]] if state.key == key]

    def _presence(self, states: Sequence[Item] | Sequence[Link]) -> Event:
        known = [state for state in states if state.since <= self._until]
        if not known:
            return NEVER
        last = known[-1]
        if last.until is not None and last.until <= self._until:
            return self._event(last.until, last.ended_not_before)
        first = len(known) - 1
        while first > 0 and known[first - 1].ended != "retired":
            first -= 1
        return self._event(known[first].since, known[first].not_before)

    def _value(self, states: Sequence[Item] | Sequence[Link], name: str) -> Event:
        known = [state for state in states if state.since <= self._until]
        if not known:
            return NEVER
        place = len(known) - 1
        value = known[place].attributes.get(name, _ABSENT)
        while place > 0 and _same(known[place - 1].attributes.get(name, _ABSENT), value):
            place -= 1
        return self._event(known[place].since, known[place].not_before)

    def _event(self, number: int, not_before: int | None) -> Event:
        if number <= self._after:
            return NEVER
        if number not in self._revisions:
            self._revisions[number] = self._view.revision(number)
        revision = self._revisions[number]
        if revision is None:
            return Event(number)
        seen = revision.committed_at if revision.observed_at is None else revision.observed_at
        return Event(number, None if not_before is None else iso(not_before), iso(seen), revision.source or None)


def _same(left: object, right: object) -> bool:
    return type(left) is type(right) and left == right
