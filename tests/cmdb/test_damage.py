"""Damage names its place in the words of whoever reads it."""

from __future__ import annotations

from cmdb.damage import Damage


def test_all_that_is_known_of_the_place_is_told() -> None:
    damage = Damage("not what was written", "ci", "A1", "os", 7)

    assert str(damage) == "revision 7: ci A1: attribute os: not what was written"
    assert damage.place() == {"revision": 7, "kind": "ci", "id": "A1", "attribute": "os"}


def test_a_revision_and_the_head_are_told_once() -> None:
    assert str(Damage("its digest is another", "revision", revision=3)) == "revision 3: its digest is another"
    assert str(Damage("the head is revision 2", "head")) == "the head is revision 2"
