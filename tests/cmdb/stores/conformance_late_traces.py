"""Promises about what comes while a value is being looked for that is to be erased: it is erased too, and nobody has to wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from baselines.documents import save
from baselines.redacting import rewritten
from baselines.verification import verify_documents
from cmdb import redaction
from cmdb.ports import Store, Transaction, View
from cmdb.redaction import redact
from tests.cmdb.building import Receiver, Reporter, collected, system
from tests.cmdb.stores.conformance_erasing import TOKEN, clock, everything, told
from tests.cmdb.stores.conformance_traces import exposed

OTHER = "tok-77d1e0b4a9c25f36"


class ErasingWhatComesLate:
    """Needs the fixture `store`, an empty store."""

    def test_writers_go_on_while_it_is_looked_for_and_what_they_bring_is_erased(self, store: Store) -> None:
        cmdb, web = told(store)
        meanwhile = Meanwhile(store, lambda: again(cmdb, web), on_view=3)
        done = erase(cmdb, meanwhile)
        assert done["revision"] == cmdb.head()
        gone(cmdb)

    def test_all_that_comes_between_search_and_erasure_is_erased(self, store: Store) -> None:
        cmdb, web = told(store)
        cmdb.take(web.batch(exposed(), at=25))

        def more() -> None:
            again(cmdb, web)
            cmdb.now = 60
            # parts retire, with a relation that told it; a document is kept
            cmdb.take(web.batch(collected("software", ["SoftwareInstance", "Endpoint"], types=["EXPOSES"]), at=60))
            save(store, "note", {"ci": cmdb.one("class:Host name:web").id, "os_version": TOKEN})

        meanwhile = Meanwhile(store, more)
        done = erase(cmdb, meanwhile)
        assert (meanwhile.transactions, done["revision"]) == (1, cmdb.head())
        gone(cmdb)

    def test_a_value_that_is_told_between_is_looked_for_too(self, store: Store) -> None:
        cmdb, web = told(store)
        cmdb.take(Reporter("db").batch(system("db", os_version=OTHER)))
        save(store, "note", {"ci": cmdb.one("class:Host name:web").id, "os_version": OTHER})
        assert OTHER in everything(store)

        def more() -> None:
            cmdb.now = 70
            cmdb.take(web.batch(system("web", os="debian", os_version=OTHER), at=70))

        meanwhile = Meanwhile(store, more)
        erase(cmdb, meanwhile)
        assert meanwhile.transactions == 2
        gone(cmdb)
        with store.view() as view:
            (kept,) = (d for d in view.documents(list(view.document_addresses())).values() if b'"note"' in d)
        assert OTHER.encode() not in kept

    def test_numbers_of_raw_batches_that_were_given_again_hide_nothing(self, store: Store) -> None:
        cmdb, web = told(store)
        for turn in range(2):
            cmdb.take(Reporter("db", sequence=turn).batch(system("db", os_version=f"{turn}")))

        def more() -> None:
            with store.transaction() as tx:
                tx.drop_raws([raw.number for raw in tx.raws()][-2:])
            cmdb.now = 50
            cmdb.take(web.batch(system("web", os="debian", os_version=TOKEN, kernel="7"), at=50))

        meanwhile = Meanwhile(store, more)
        erase(cmdb, meanwhile)
        assert meanwhile.transactions == 2
        gone(cmdb)

    def test_it_comes_to_an_end_where_there_is_always_something_new(self, store: Store) -> None:
        cmdb, web = told(store)
        values = iter(range(100))

        def more() -> None:
            cmdb.now += 10
            cmdb.take(web.batch(system("web", os="debian", os_version=f"{TOKEN} {next(values)}"), at=cmdb.now))

        meanwhile = Meanwhile(store, more, always=True)
        done = erase(cmdb, meanwhile)
        assert meanwhile.transactions == redaction.TRIES + 1
        assert done["revision"] == cmdb.head()
        gone(cmdb)


class Meanwhile:
    """The store, in which something happens before its first transaction (or before each of them) or its n-th view."""

    def __init__(self, store: Store, act: Callable[[], None], on_view: int = 0, always: bool = False) -> None:
        self._store, self._act, self._on_view, self._always = store, act, on_view, always
        self._views = self.transactions = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @contextmanager
    def view(self) -> Iterator[View]:
        self._views += 1
        with self._store.view() as view:
            if self._views == self._on_view:
                self._act()
            yield view

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        self.transactions += 1
        if not self._on_view and (self._always or self.transactions == 1):
            self._act()
        with self._store.transaction() as tx:
            yield tx


def again(cmdb: Receiver, web: Reporter) -> None:
    """The host tells the value again, with something new, and in software that listens."""
    cmdb.now = 50
    cmdb.take(web.batch(system("web", os="debian", os_version=TOKEN, kernel="7"), exposed(), at=50))


def erase(cmdb: Receiver, store: Any) -> dict[str, Any]:
    id_ = cmdb.one("class:Host name:web").id
    return redact(store, id_, "os_version", "a secret", "me", rewritten, clock(cmdb), cmdb.random)


def gone(cmdb: Receiver) -> None:
    assert TOKEN not in everything(cmdb.store)
    cmdb.sound()
    with cmdb.view() as view:
        assert list(verify_documents(view)) == []
