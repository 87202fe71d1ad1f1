"""What a CI is related to, grouped by relation and class, each group counted and paged; nothing is cut without a word.

Asks the view for parts, links and the states of the other ends, whatever their number.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from api.ui.words import class_label, relation_label
from cmdb.model import cursor as cursors
from cmdb.model.classes import CLASSES
from cmdb.model.relationship_types import RELATIONSHIP_TYPES
from cmdb.model.text import sort_key
from cmdb.model.values import Value
from cmdb.ports import View
from cmdb.states import Item, Link

FIRST = 8
"""Members of a group that are shown at once."""


@dataclass(slots=True)
class Member:
    """A neighbour. `on` is what it is a part of, where that is not the CI that is asked about."""

    item: Item
    attributes: dict[str, Value]
    since: int
    on: Item | None = None


@dataclass(slots=True)
class Group:
    """Neighbours of one class by one relation, read from the asked CI's end. `key` names the group in an address."""

    type: str
    end: str
    class_name: str
    members: list[Member] = field(default_factory=list)

    @property
    def key(self) -> str:
        return f"{self.type}.{self.end}.{self.class_name}"

    @property
    def label(self) -> str:
        declared = RELATIONSHIP_TYPES.get(self.type)
        inverse = declared.inverse if declared else self.type
        return relation_label(self.type if self.end == "subject" else inverse)

    @property
    def what(self) -> str:
        return class_label(self.class_name, len(self.members))

    @property
    def count(self) -> int:
        return len(self.members)


@dataclass(slots=True)
class Slice:
    """One page of a group."""

    group: Group
    members: list[Member]
    next: str | None


def groups(view: View, own: Item, at: int | None = None) -> list[Group]:
    """All groups of a CI: its whole first, then relations, then its parts; members in the order of the query language."""
    found: dict[str, Group] = {}
    links = view.links([own.id], at)
    others = {_other(link, own.id) for link in links} | ({own.parent} if own.parent else set())
    states = view.items(sorted(others), at) if others else {}
    wholes = _wholes(view, states, own, at)
    for part in view.parts(own.id, None, at):
        type_name = CLASSES[part.class_name].containment
        end = "object" if RELATIONSHIP_TYPES[type_name].part == "subject" else "subject"
        _add(found, type_name, end, Member(part, {}, part.born))
    for link in links:
        other = states.get(_other(link, own.id))
        if other is not None:
            end = "subject" if link.subject == own.id else "object"
            on = wholes.get(other.parent) if other.parent and other.parent != own.id else None
            _add(found, link.type, end, Member(other, link.attributes, link.since, on))
    if own.parent in states:
        type_name = CLASSES[own.class_name].containment
        end = "subject" if RELATIONSHIP_TYPES[type_name].part == "subject" else "object"
        _add(found, type_name, end, Member(states[own.parent], {}, own.born))
    for group in found.values():
        group.members.sort(key=lambda m: _place(m.item))
    whole = [g for g in found.values() if any(m.item.id == own.parent for m in g.members)]
    parts = [g for g in found.values() if all(m.item.parent == own.id for m in g.members) and g not in whole]
    rest = [g for g in found.values() if g not in whole and g not in parts]
    return [g for some in (whole, rest, parts) for g in sorted(some, key=lambda g: (g.type, g.end, g.class_name))]


def page(group: Group, cursor: str | None, size: int) -> Slice:
    """Members of a group behind a cursor; raises UsageError where it is none."""
    place = cursors.after(cursor) if cursor else None
    rest = group.members if place is None else [m for m in group.members if _place(m.item) > place]
    more = cursors.cursor_of(rest[size - 1].item) if len(rest) > size else None
    return Slice(group, rest[:size], more)


def _wholes(view: View, states: dict[str, Item], own: Item, at: int | None) -> dict[str, Item]:
    wanted = {i.parent for i in states.values() if i.parent and i.parent != own.id} - {own.id}
    known = {i: s for i, s in states.items() if i in wanted}
    missing = sorted(w for w in wanted if w and w not in known)
    return {**known, **(view.items(missing, at) if missing else {})}


def _add(found: dict[str, Group], type_name: str, end: str, member: Member) -> None:
    group = Group(type_name, end, member.item.class_name)
    found.setdefault(group.key, group).members.append(member)


def _other(link: Link, id_: str) -> str:
    return link.object if link.subject == id_ else link.subject


def _place(item: Item) -> tuple[str, str, str]:
    return (item.class_name, sort_key(item.name), item.id)
