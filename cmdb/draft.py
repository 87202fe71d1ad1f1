"""The state that a batch is making: the transaction's state with this batch's own changes laid over it, not yet written.

Everything a batch does is gathered here and written once, at its end; so a batch that is refused has written nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from cmdb.model.values import Value
from cmdb.ports import Transaction
from cmdb.states import Claim, Coverage, Entry, Item, Link, LinkKey, Pending, Retirement, Scope


@dataclass(slots=True)
class NewItem:
    """A CI that the batch creates, or brings back (`last` is then its last state); its id is minted when it is sealed."""

    class_name: str
    parent: str | None
    key: str
    attributes: dict[str, Value]
    identifiers: list[str]
    scope: int | None
    last: Item | None = None
    not_before: int | None = None
    """When a section that tells of it last looked and did not see it."""


@dataclass(slots=True)
class Draft:
    """Changes of one batch over a transaction. Items are known by id; ids of new items are given by `enter`."""

    tx: Transaction
    created: dict[str, Item] = field(default_factory=dict)
    updated: dict[str, tuple[Item, Item]] = field(default_factory=dict)
    retired: dict[str, tuple[Item, Retirement]] = field(default_factory=dict)
    links_created: dict[LinkKey, Link] = field(default_factory=dict)
    links_updated: dict[LinkKey, tuple[Link, Link]] = field(default_factory=dict)
    links_retired: dict[LinkKey, tuple[Link, Retirement]] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    entries_removed: list[tuple[Entry, Retirement]] = field(default_factory=list)
    pending: dict[tuple[object, ...], Pending] = field(default_factory=dict)
    removed_pending: dict[tuple[object, ...], Pending] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)
    """What people say of CIs; what a batch says is its merge's."""
    removed_claims: list[tuple[int, str | LinkKey]] = field(default_factory=list)
    rescoped: list[Item] = field(default_factory=list)
    scopes: list[Scope] = field(default_factory=list)
    links_rescoped: list[Link] = field(default_factory=list)
    coverage: list[Coverage] = field(default_factory=list)
    readings: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def items(self, ids: Collection[str]) -> dict[str, Item]:
        """States by id as they will be."""
        ask = [i for i in ids if i not in self.created and i not in self.updated and i not in self.retired]
        found = self.tx.items(ask) if ask else {}
        for id_ in ids:
            if id_ in self.created:
                found[id_] = self.created[id_]
            elif id_ in self.updated:
                found[id_] = self.updated[id_][1]
        return found

    def parts(self, parent: str, class_name: str) -> list[Item]:
        """Parts of one class as they will be."""
        found = [] if parent in self.created else self.tx.parts(parent, [class_name])
        found = [i for i in found if i.id not in self.retired and i.id not in self.updated]
        found += [i for _, i in self.updated.values() if i.parent == parent and i.class_name == class_name]
        return found + [i for i in self.created.values() if i.parent == parent and i.class_name == class_name]

    def links(self, ids: Collection[str]) -> list[Link]:
        """Links with an end in `ids` as they will be."""
        wanted = set(ids)
        old = [i for i in ids if i not in self.created]
        found = {link.key: link for link in (self.tx.links(old) if old else [])}
        found.update((k, new) for k, (_, new) in self.links_updated.items() if k in found)
        for key in self.links_retired:
            found.pop(key, None)
        found.update((k, v) for k, v in self.links_created.items() if v.subject in wanted or v.object in wanted)
        return list(found.values())

    def keyed(self, class_name: str, keys: Collection[str]) -> dict[str, str]:
        """Ids of current CIs of a class that has one identifier, by key."""
        wanted = {f"{class_name} {k}": k for k in keys}
        found: dict[str, str] = {}
        hits = self.tx.identified(list(wanted))
        states = self.items([i for ids in hits.values() for i in ids])
        for identifier, ids in hits.items():
            current = [i for i in ids if i in states]
            if len(current) == 1:
                found[wanted[identifier]] = current[0]
        for item in self.created.values():
            if item.class_name == class_name and item.key in keys:
                found[item.key] = item.id
        return found

    def pending_rows(self, rows: Iterable[Pending]) -> list[Pending]:
        """Pending rows of the transaction as they will be."""
        return [self.pending.get(r.key, r) for r in rows if r.key not in self.removed_pending]

    @property
    def effective(self) -> bool:
        """True where the batch changes something that history has to know."""
        return bool(
            self.created
            or self.updated
            or self.retired
            or self.links_created
            or self.links_updated
            or self.links_retired
            or self.entries
            or self.entries_removed
        )
