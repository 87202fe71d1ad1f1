"""Devices that are known by a neighbour's words only (model.md section 1, Seen by reference).

Such a device is a NetworkDevice with `discovered: false`, identified by its chassis id where that is a MAC, else by the reporter
and its port. Where a CI that was itself discovered has that identifier it is meant, and the neighbour's words change nothing of
it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from cmdb import aliases
from cmdb.model.declaration import SUBJECT
from cmdb.model.identity import NEIGHBOUR, neighbour
from cmdb.observation import ItemKey
from cmdb.ports import Transaction
from cmdb.states import Item

CLASS = "NetworkDevice"


def is_neighbour(key: ItemKey) -> bool:
    """True for an item that tells of another device than the batch's subject."""
    return key[0] == CLASS and key[1] != SUBJECT


def is_reference(item: Item) -> bool:
    """True for a device that is known by its neighbours' words only."""
    return item.class_name == CLASS and item.attributes.get("discovered") is False


def reporter_of(item: Item) -> str:
    """The id of the CI at whose port a device is seen, empty where it is known by itself."""
    scheme, _, value = item.identifiers[0].partition(" ") if item.identifiers else ("", "", "")
    return value.partition("/")[0] if scheme == NEIGHBOUR else ""


def may_come_back(tx: Transaction, item: Item) -> bool:
    """True where a neighbour's words bring a retired device back under its id: it was never more than such words, and has
    not become another one."""
    return is_reference(item) and tx.entry(aliases.KIND, item.id) is None


@dataclass(slots=True)
class Neighbours:
    """The devices that one batch tells of as a neighbour. `reporter` is the id of its subject."""

    reporter: str = ""
    identifiers: dict[ItemKey, str] = field(default_factory=dict)
    met: set[ItemKey] = field(default_factory=set)
    """Those that were themselves discovered."""

    def look(self, tx: Transaction, told: Collection[ItemKey]) -> dict[ItemKey, Item]:
        """Those that are known. A chassis id that several discovered CIs have means none of them: what is seen at the port
        of this reporter is then a device of its own."""
        self.identifiers = {key: neighbour(key[1], self.reporter) for key in told}
        found, several = self._found(tx, told)
        for key in several:
            self.identifiers[key] = f"{NEIGHBOUR} {self.reporter}/{key[1]}"
        found.update(self._found(tx, several)[0])
        self.met = {key for key, item in found.items() if not is_reference(item)}
        return found

    def _found(self, tx: Transaction, told: Collection[ItemKey]) -> tuple[dict[ItemKey, Item], list[ItemKey]]:
        hits = tx.identified([self.identifiers[key] for key in told]) if told else {}
        states = tx.items(sorted({id_ for ids in hits.values() for id_ in ids})) if hits else {}
        found: dict[ItemKey, Item] = {}
        several: list[ItemKey] = []
        for key in sorted(told):
            here = [states[id_] for id_ in hits.get(self.identifiers[key], ()) if id_ in states]
            discovered = [item for item in here if not is_reference(item)]
            if len(discovered) > 1:
                several.append(key)
            elif here:
                found[key] = (discovered or here)[0]
        return found, several
