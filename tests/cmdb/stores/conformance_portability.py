"""Promises of dump and load: a copy is the same store, whatever its make."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from cmdb.chain import verify_chain
from cmdb.model.errors import StoreError
from cmdb.portable import Document, KeptRevision, Record
from cmdb.ports import Store
from cmdb.states import Item, Link, Raw
from tests.cmdb.building import Receiver, Reporter, network, open_store, packages, system
from tests.cmdb.stores.building import host, revise
from tests.cmdb.stores.copying import copy, lines
from tests.cmdb.stores.decided import decide
from tests.cmdb.stores.old_stores import tell
from tests.cmdb.stores.telling import told


def a_part_of_nothing(records: list[Record]) -> list[Record]:
    return [replace(r, parent="X" * 26) if isinstance(r, Item) and r.parent and not r.until else r for r in records]


def a_link_to_nothing(records: list[Record]) -> list[Record]:
    return [replace(r, object="X" * 26) if isinstance(r, Link) and not r.until else r for r in records]


def a_thing_twice(of: type) -> Callable[[list[Record]], list[Record]]:
    return lambda records: [again for r in records for again in ([r, r] if isinstance(r, of) else [r])]


MISFITS = [a_part_of_nothing, a_link_to_nothing, *map(a_thing_twice, (KeptRevision, Item, Document, Raw))]


class Portability:
    """dump and load, against a SQLite store with everything in it."""

    @pytest.fixture
    def original(self, tmp_path: Path) -> Iterator[Store]:
        """With everything in it; its clock and randomness are not the ones that `store` was born with."""
        with closing(open_store(tmp_path / "original.db", genesis="7" * 64, randomness=lambda n: b"k" * n)) as store:
            tell(store)
            decide(store)
            yield store

    def test_a_copy_tells_everything_that_the_original_tells(self, store: Store, original: Store) -> None:
        copy(original, store)

        assert told(store) == told(original)
        with store.view() as view:
            assert list(verify_chain(view)) == []
        assert list(store.check()) == []

    def test_a_copy_of_the_copy_is_the_same_records(self, store: Store, original: Store, tmp_path: Path) -> None:
        copy(original, store)
        with closing(open_store(tmp_path / "again.db")) as again:
            copy(store, again)

            assert lines(original) == lines(store) == lines(again)
            assert told(again) == told(original)

    def test_a_copy_goes_on_as_the_original_would(self, store: Store, original: Store) -> None:
        copy(original, store)
        receipts = []
        for one in (original, store):
            site = Receiver(one, "later")
            site.now = 50 * 86_400
            batches = [
                Reporter("late").batch(system("late"), packages("vim"), network("10.0.0.9"), at=site.now),
                Reporter("web", sequence=50).batch(system("web", os="Alma"), packages("vim"), at=site.now),
                Reporter("old", sequence=50).batch(system("old"), packages(), at=site.now),
                Reporter("web", source="third").batch(packages("vim", version="9"), at=site.now),
            ]
            receipts.append([site.take(data) for data in batches])
            site.sound()

        assert receipts[0] == receipts[1]
        assert told(store) == told(original)

    def test_the_store_that_is_open_is_the_copy_from_then_on(self, store: Store, original: Store) -> None:
        copy(original, store)

        assert (store.genesis(), store.digest_key()) == (original.genesis(), original.digest_key())

    def test_who_had_the_empty_store_open_does_not_write_into_the_copy(
        self, store: Store, reopen: Callable[[], Store], original: Store
    ) -> None:
        early = reopen()
        copy(original, store)

        with pytest.raises(StoreError, match=r"filled from a backup.*start this process again"):
            Receiver(early).take(Reporter("web").batch(packages()))
        Receiver(reopen(), "x").take(Reporter("new").batch(packages("vim")))

    def test_nothing_is_loaded_into_a_store_that_has_something(self, store: Store, original: Store) -> None:
        revise(store, created=[host("mine")])

        with pytest.raises(StoreError, match="not empty"):
            copy(original, store)

        with store.view() as view:
            assert [item.name for item in view.scan()] == ["mine"]

    def test_an_empty_store_can_be_copied(self, store: Store, tmp_path: Path) -> None:
        with closing(open_store(tmp_path / "empty.db")) as empty:
            copy(empty, store)
            assert told(store) == told(empty)

    def test_records_that_do_not_fit_each_other_are_refused_and_the_store_can_be_filled_still(
        self, store: Store, original: Store
    ) -> None:
        with original.dump() as dump:
            birth, head, records = dump.birth, dump.head, list(dump.records)
        for wrong in MISFITS:
            with pytest.raises(StoreError, match=r"does not fit together.*use another backup"):
                store.load(birth, head, wrong(records))

        store.load(birth, head, records)

        assert lines(store) == lines(original)

    def test_a_load_that_fails_can_be_begun_again(self, store: Store, original: Store) -> None:
        with original.dump() as dump, pytest.raises(StoreError, match="ends with revision"):
            store.load(dump.birth, dump.head, islice(dump.records, 3))

        copy(original, store)

        assert told(store) == told(original)
