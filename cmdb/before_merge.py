"""The two sides of a merge as they were before it: from their past states, and from what the merge set aside."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from cmdb.horizon import can_stand_again
from cmdb.merging import NOTE
from cmdb.own_attributes import still_declared, vocabulary
from cmdb.ports import Transaction
from cmdb.rearranging import Claims
from cmdb.states import Claim, Entry, Item, Link, LinkKey, Pending


@dataclass(slots=True)
class Before:
    """The two sides as they were before the merge, and where what they had is since."""

    number: int
    """The revision before the merge."""
    survivor: str = ""
    items: dict[str, Item] = field(default_factory=dict)
    links: dict[LinkKey, Link] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    """Whose place was taken by whom."""
    claims: dict[str | LinkKey, Claims] = field(default_factory=dict)
    """Those that were set aside."""
    tellers: dict[LinkKey, set[int]] = field(default_factory=dict)
    pending: list[Pending] = field(default_factory=list)

    def place(self, id_: str) -> str:
        return self.places.get(id_, id_)

    def key(self, key: LinkKey) -> LinkKey:
        return (self.place(key[0]), key[1], self.place(key[2]))


def read(tx: Transaction, leaves: str, merge: Entry | None) -> Before:
    """What there was before the merge of which this is the entry, `leaves` being the id that was merged; nothing where there
    was none. Raises HorizonError where that was freed."""
    if merge is None:
        return Before(0)
    found = Before(merge.since - 1, str(merge.value["survivor"]))
    found.places = {leaves: found.survivor, **merge.value["folded"]}
    wholes = [found.survivor, leaves]
    found.items = tx.items(wholes, found.number)
    for id_ in wholes:
        found.items.update((part.id, part) for part in tx.parts(id_, None, found.number))
    known = vocabulary(tx)
    for id_, item in found.items.items():
        left = still_declared(known, item.class_name, item.attributes)
        if left != item.attributes:
            found.items[id_] = replace(item, attributes=left, text="")
    found.links = {link.key: link for link in tx.links(sorted(found.items), found.number)}
    remedy = "Name the sources whose reports become a CI of its own, with --source."
    can_stand_again(tx, [*found.items.values(), *found.links.values()], remedy)
    note = tx.unversioned(NOTE, leaves) or {"claims": [], "pending": [], "links": []}
    for scope, target, attributes, identifiers in note["claims"]:
        of: str | LinkKey = target if isinstance(target, str) else (target[0], target[1], target[2])
        if isinstance(of, str) and of in found.items:
            attributes = still_declared(known, found.items[of].class_name, attributes)
        found.claims.setdefault(of, {})[scope] = Claim(scope, of, attributes, identifiers)
    found.tellers = {(key[0], key[1], key[2]): set(numbers) for key, numbers in note["links"]}
    found.pending = [Pending(**row) for row in note["pending"]]
    return found
