"""A conflict is over as soon as what several had is left with one of them."""

from __future__ import annotations

from tests.cmdb.building import Receiver
from tests.cmdb.identity_cases import Told, clone, conflicts, machine, take

WEB = machine("web")
COPY = clone("copy", WEB)
NEW = machine("copy")


def told(name: str, marks: dict[str, object], at: int, sequence: int = 1) -> Told:
    return Told(name, f"agent:{name}", sequence, at, marks)


def test_a_clone_that_gets_numbers_of_its_own_ends_the_conflict_and_they_identify_again(cmdb: Receiver) -> None:
    take(cmdb, [told("web", WEB, 0), told("copy", COPY, 60)])
    assert len(conflicts(cmdb)) == 1

    take(cmdb, [told("copy", NEW, 120, 2)])

    assert conflicts(cmdb) == []
    with cmdb.view() as view:
        assert view.entries("shared_identifier") == []
        (entry,) = view.entries("conflict")
    assert entry.value["resolution"]["as"] == "over"
    assert len(cmdb.found("class:Host")) == 2


def test_it_is_not_over_while_two_others_still_share(cmdb: Receiver) -> None:
    take(cmdb, [told("web", WEB, 0), told("copy", COPY, 60), told("third", clone("third", WEB), 61)])

    take(cmdb, [told("copy", NEW, 120, 2)])

    (conflict,) = conflicts(cmdb)
    assert len(conflict["cis"]) == 3, "the past of the matter stays on record"


def test_it_opens_anew_where_they_share_again(cmdb: Receiver) -> None:
    take(cmdb, [told("web", WEB, 0), told("copy", COPY, 60), told("copy", NEW, 120, 2)])

    take(cmdb, [told("web", WEB, 9000, 2), told("copy", COPY, 9060, 3)])

    assert len(conflicts(cmdb)) == 1
    assert len(cmdb.found("class:Host")) == 2
