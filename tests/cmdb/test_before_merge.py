"""Both sides of a merge can be read as they were before it."""

from __future__ import annotations

from cmdb import aliases
from cmdb.before_merge import read
from tests.cmdb.building import Receiver
from tests.cmdb.test_splitting import joined, two


def test_states_places_and_what_was_set_aside_are_there(cmdb: Receiver) -> None:
    _, _, one, other = two(cmdb)
    with cmdb.view() as view:
        before = {p.id: p for id_ in (one, other) for p in view.parts(id_)} | view.items([one, other])
        vim = {p.parent: p.id for p in before.values() if p.name == "vim"}
    joined(cmdb, one, other)

    with cmdb.store.transaction() as tx:
        found = read(tx, other, tx.entry(aliases.MERGE, other))

    assert {id_: (i.parent, i.attributes) for id_, i in found.items.items()} == {
        id_: (i.parent, i.attributes) for id_, i in before.items()
    }
    assert found.places == {other: one, vim[other]: vim[one]}
    assert found.claims == {}


def test_without_a_merge_there_was_nothing(cmdb: Receiver) -> None:
    with cmdb.store.transaction() as tx:
        assert read(tx, "x", None).items == {}
