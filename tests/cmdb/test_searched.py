"""What may tell a value is found in pages, and what came since is told from it or makes it outdated."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cmdb import searched
from cmdb.searched import Outdated, inside, renewed, search
from cmdb.traces import Told
from tests.cmdb.building import Receiver, Reporter, accounts, packages, system

SECRET = "tok-3f9a17c2b7e64d55"


@pytest.fixture
def filled(cmdb: Receiver) -> Receiver:
    for turn in range(3):
        for name in ("web", "db"):
            sections = [system(name, os=f"{name} {turn}", os_version=SECRET), accounts("root", f"u{turn}")]
            cmdb.take(Reporter(name, sequence=turn).batch(*sections))
    return cmdb


def test_all_pages_are_read_each_in_a_view_of_its_own(filled: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searched, "PAGE", 2)
    monkeypatch.setattr(searched, "DOCUMENTS", 1)
    with filled.store.transaction() as tx:
        for number in range(3):
            tx.put_document(f"{number}" * 64, b"{}" if number else filled.one("class:Host name:web").id.encode())
    item, opened = filled.one("class:Host name:web"), list[int]()

    def opening():  # type: ignore[no-untyped-def]
        opened.append(1)
        return filled.store.view()

    found = search(opening, item, Told("os_version", [SECRET]))
    assert found.raws == list(range(1, 7))  # of both hosts: the text is long
    assert found.documents == {"0" * 64}
    assert found.read == {f"{number}" * 64 for number in range(3)}
    assert len(found.gone) == 2
    assert len(opened) == 1 + 4 + 3 + 1
    with filled.view() as view:
        assert search(inside(view), item, Told("os_version", [SECRET])) == found


def test_what_came_since_is_added(filled: Receiver) -> None:
    item = filled.one("class:Host name:web")
    found = search(filled.store.view, item, Told("os_version", [SECRET]))
    filled.take(Reporter("web", sequence=9).batch(system("web", os_version=SECRET), accounts("root"), packages("a")))
    with filled.store.transaction() as tx:
        tx.put_document("5" * 64, item.id.encode())
    with filled.view() as view:
        now = renewed(view, found, found.sought)
        assert now.raws == [*found.raws, 7]
        assert now.documents == {*found.documents, "5" * 64}
        assert len(searched.gone_now(view, found)) == len(found.gone) + 1


def test_more_to_look_for_or_a_last_batch_that_is_gone_makes_it_outdated(filled: Receiver) -> None:
    item = filled.one("class:Host name:web")
    found = search(filled.store.view, item, Told("os_version", [SECRET]))
    with filled.view() as view:
        for more in (
            replace(found.sought, texts=frozenset([b"other"])),
            replace(found.sought, ids=found.sought.ids | {b"other"}),
            replace(found.sought, wholes=frozenset(["other"])),
        ):
            with pytest.raises(Outdated):
                renewed(view, found, more)
        renewed(view, found, replace(found.sought, texts=frozenset()))
    with filled.store.transaction() as tx:
        tx.drop_raws([6])
    with filled.view() as view, pytest.raises(Outdated):
        renewed(view, found, found.sought)
