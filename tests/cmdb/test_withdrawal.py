"""What a source no longer says; what that does to a store is proved on both stores (conformance_imports.py)."""

from __future__ import annotations

from cmdb.edit import Words, edit
from cmdb.importing import Row, Wanted, take
from cmdb.withdrawal import withdraw
from tests.cmdb.building import receiver

NEW = {"name": "new", "mark.system_serial": "Acme/X1/SN10000077", "owner": "ann"}


def test_words_of_people_keep_nothing_alive_that_no_source_tells_of() -> None:
    with receiver() as one:
        take(one.store, [Row("1", NEW)], Wanted("sheet", "Host"), "ann")
        edit(one.store, "class:Host", Words({"location": "r1"}), "ann", "seen there")

        with one.store.transaction() as tx:
            done = withdraw(tx, "sheet", (), "ann", "over", one.random)

        assert ([item.name for item in done.retired], done.left) == (["new"], [])
        assert one.names("class:Host") == []


def test_what_is_still_told_stays_and_another_source_is_not_touched() -> None:
    with receiver() as one:
        take(one.store, [Row("1", NEW)], Wanted("sheet", "Host"), "ann")
        with one.store.transaction() as tx:
            withdraw(tx, "other", (), "ann", "over", one.random)
            withdraw(tx, "sheet", [item.id for item in tx.scan()], "ann", "over", one.random)

        assert one.names("class:Host") == ["new"]
