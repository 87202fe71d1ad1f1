"""A small estate in a real store, told CI by CI: for tests of what reads the graph without caring how it got there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from cmdb.model.values import Value
from cmdb.ports import Store
from cmdb.reconcile import item_name
from cmdb.states import Commit, Item, Link, LinkKey, Retirement, Revision
from cmdb.stores.sqlite_store import SqliteStore


@contextmanager
def empty_estate() -> Iterator[Estate]:
    """An estate over a new SQLite store in a folder of its own."""
    with TemporaryDirectory() as folder:
        store = SqliteStore.open(Path(folder) / "estate.db")
        try:
            yield Estate(store)
        finally:
            store.close()


def id_of(word: str) -> str:
    """An id for a word; the order of ids has nothing to do with that of the words."""
    return hashlib.sha256(word.encode()).hexdigest()[:26].upper()


class Estate:
    """What is true now is in `items` and `links`; `commit` writes what has been said since the last one.

    A CI that comes back as another class or part of another CI must have been away for a revision: a store takes an
    update as a change of attributes.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.items: dict[str, Item] = {}
        self.links: dict[LinkKey, Link] = {}
        self.number = 0
        self._committed_items: dict[str, Item] = {}
        self._committed_links: dict[LinkKey, Link] = {}
        self._born: dict[str, int] = {}

    def add(self, class_name: str, word: str, parent: str | None = None, **attributes: Value) -> str:
        """Say that there is a CI, or what it is now. Its id comes from the word, and its name if no attribute has it."""
        id_ = id_of(word)
        born = self._born.setdefault(id_, self.number + 1)
        name = item_name(class_name, word, attributes)
        self.items[id_] = Item(
            id_, class_name, parent, word, name, attributes, b"salt", b"digest", self.number + 1, born
        )
        return id_

    def link(self, subject: str, type_name: str, object_: str, **attributes: Value) -> None:
        """Say that there is a relation, or what it is now."""
        self.links[subject, type_name, object_] = Link(
            type_name, subject, object_, attributes, b"salt", b"digest", self.number + 1
        )

    def unlink(self, key: LinkKey) -> None:
        del self.links[key]

    def retire(self, id_: str) -> None:
        """Say that a CI, its parts and its relations are gone."""
        for part in [item.id for item in self.items.values() if item.parent == id_]:
            self.retire(part)
        for key in [key for key in self.links if id_ in (key[0], key[2])]:
            self.unlink(key)
        del self.items[id_]

    def commit(self) -> int:
        """Write a revision and return its number."""
        self.number += 1
        number = self.number
        gone = Retirement("test", None)
        was, is_now, linked, links = self._committed_items, self.items, self._committed_links, self.links
        with self.store.transaction() as transaction:
            transaction.write(
                Commit(
                    revision=Revision(
                        number, number * 1_000_000, "ingest", "test", "test", "test", digest=f"{number:064x}"
                    ),
                    created=[item for i, item in is_now.items() if i not in was],
                    updated=[(was[i], item) for i, item in is_now.items() if i in was and item is not was[i]],
                    retired=[(item, gone) for i, item in was.items() if i not in is_now],
                    links_created=[link for k, link in links.items() if k not in linked],
                    links_updated=[
                        (linked[k], link) for k, link in links.items() if k in linked and link is not linked[k]
                    ],
                    links_retired=[(link, gone) for k, link in linked.items() if k not in links],
                )
            )
        self._committed_items, self._committed_links = dict(is_now), dict(links)
        return number
