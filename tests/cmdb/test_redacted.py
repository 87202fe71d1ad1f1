"""What a redaction entry says: what is withheld of which CI, and which seals stand for which digests."""

from __future__ import annotations

from cmdb.redacted import Withheld, key_of, of_ci, seals, subjects, withheld, without
from cmdb.redaction import lift
from tests.cmdb.building import Receiver
from tests.cmdb.stores.conformance_erasing import clock, erase, told


def test_nothing_is_withheld_before_something_is_erased(cmdb: Receiver) -> None:
    told(cmdb.store)
    id_ = cmdb.one("class:Host").id
    with cmdb.view() as view:
        assert (withheld(view), seals(view), subjects(view), of_ci(view, id_)) == (Withheld(), {}, set(), [])
        assert not withheld(view)


def test_what_is_erased_is_withheld_until_it_is_lifted_and_its_seals_stay(cmdb: Receiver) -> None:
    told(cmdb.store)
    id_ = cmdb.one("class:Host").id
    erase(cmdb)
    with cmdb.view() as view:
        assert withheld(view) == Withheld({id_: frozenset({"os_version"})})
        assert subjects(view) == {id_}
        assert [e.key for e in of_ci(view, id_)] == [key_of(id_, "os_version")]
        before = seals(view)
        digests = {state.digest.hex() for state in view.history(id_)}
    assert digests & set(before)
    lift(cmdb.store, id_, "os_version", "agreed", "me", clock(cmdb), cmdb.random)
    with cmdb.view() as view:
        assert (withheld(view), subjects(view), of_ci(view, id_)) == (Withheld(), set(), [])
        assert seals(view) == before


def test_attributes_are_left_as_they_were_but_for_the_withheld() -> None:
    assert without({"a": 1, "b": 2}, frozenset({"b", "c"})) == {"a": 1}
