"""Promises about anchors: the same line for the same store whatever its make, and a past that was made anew is found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from cmdb.anchors import anchor, compare, fingerprint
from cmdb.chain import verify
from cmdb.ports import Store
from cmdb.stores.sqlite_store import SqliteStore
from tests.cmdb.building import START, Receiver, Reporter, open_store, packages, system
from tests.cmdb.stores.copying import copy


class Anchored:
    """Needs the fixture `store`, an empty store."""

    @pytest.fixture
    def real(self, tmp_path: Path) -> Iterator[SqliteStore]:
        """A store of one revision, whose genesis is not that of `store`."""
        with closing(open_store(tmp_path / "real.db", genesis="5" * 64)) as real:
            Receiver(real).take(Reporter("web").batch(system("web"), packages("a")))
            yield real

    def test_a_store_is_what_its_anchors_say_however_much_comes_after_them(self, store: Store) -> None:
        cmdb = Receiver(store)
        lines = [anchor(store, START).line()]
        cmdb.take(Reporter("web").batch(system("web"), packages("a")))
        lines += ["", anchor(store, START).line()]
        cmdb.take(Reporter("db").batch(system("db")))
        lines.append(anchor(store, START).line())
        assert said(store, *lines) == []

    def test_a_copy_has_the_anchors_of_its_original(self, store: Store, real: SqliteStore) -> None:
        copy(real, store)
        line = anchor(real, START).line()
        assert anchor(store, START).line() == line
        assert said(store, line) == []

    def test_a_past_made_anew_that_is_consistent_in_itself_is_found(
        self, store: Store, real: SqliteStore, tmp_path: Path
    ) -> None:
        with closing(open_store(tmp_path / "forged.db")) as forged:
            copy(real, forged)
            kept = [anchor(real, START).line()]
            for site, names in ((real, ("malware", "b")), (forged, ("harmless", "b", "c"))):
                cmdb, again = Receiver(site), Reporter("web", sequence=1)
                for now, name in enumerate(names, 1):
                    cmdb.now = now
                    cmdb.take(again.batch(packages("a", name), at=now))
                    if site is real:
                        kept.append(anchor(real, START).line())
            copy(forged, store)
        with store.view() as view:
            assert list(verify(view)) == []

        first, second = said(store, *kept)

        assert "revision 2: anchor: line 2" in first
        assert "the past was made anew" in first
        assert "line 3" in second

    def test_a_past_that_was_cut_off_is_found(self, store: Store, real: SqliteStore) -> None:
        copy(real, store)
        Receiver(real).take(Reporter("db").batch(system("db")))
        (found,) = said(store, anchor(real, START).line())
        assert "the revision is not there, the newest one is 1" in found

    def test_an_anchor_of_another_store_or_another_time_is_told(self, store: Store) -> None:
        Receiver(store).take(Reporter("web").batch(system("web")))
        own = anchor(store, START)
        other, later = said(
            store,
            replace(own, genesis=fingerprint("another")).line(),
            replace(own, committed_at="2020-01-01T00:00:00.000000Z").line(),
        )
        assert "it is of another store" in other
        assert "was committed at 2020-01-01" in later


def said(store: Store, *lines: str) -> list[str]:
    with store.view() as view:
        return list(map(str, compare(view, store.genesis(), lines)))
