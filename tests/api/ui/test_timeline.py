"""What happened."""

from __future__ import annotations

from pathlib import Path

from api.ui import timeline
from cmdb.ports import View
from cmdb.states import Item
from tests.api.ui.shop import Shop, empty_shop, host


def _item(view: View, id_: str) -> Item:
    return view.last_states([id_])[id_]


def test_a_change_says_before_after_and_between_which_looks(estate: Shop) -> None:
    with estate.store.view() as view:
        found = timeline.of(view, _item(view, estate.id("class:SoftwarePackage name:postgres")))

    newest = found.entries[0]
    (row,) = newest.rows
    assert row.before is not None
    assert row.after is not None
    assert (row.what, row.before.members, row.after.members) == ("Versions", ["16.4-1"], ["16.5-1"])
    assert newest.not_before is not None
    assert newest.not_before < newest.seen_at
    assert found.entries[-1].rows[0].kind == "created"


def test_pages_of_a_timeline_go_back_to_the_beginning(tmp_path: Path) -> None:
    with empty_shop(tmp_path) as found:
        for number in range(7):
            found.report("db3", host("db3", version=f"16.{number}"))
        with found.store.view() as view:
            item = _item(view, found.id("class:SoftwarePackage name:postgres"))
            first = timeline.of(view, item, None, None, 4)
            second = timeline.of(view, item, None, first.before, 4)
            early = timeline.of(view, item, 2)

    numbers = [e.revision.number for e in first.entries + second.entries]
    assert numbers == sorted(numbers, reverse=True)
    assert len(numbers) == first.total == 7
    assert second.before is None
    assert [e.revision.number for e in early.entries] == [2, 1]


def test_what_is_left_out_of_a_large_revision_is_counted(tmp_path: Path) -> None:
    with empty_shop(tmp_path) as found:
        found.report("db3", host("db3", packages=150))
        with found.store.view() as view:
            first = timeline.changes(view, 1)
            second = timeline.changes(view, 1, first.next or 0)

    assert len(first.items) == timeline.CHANGES
    assert first.total == len(first.items) + len(second.items)
    assert second.next is None


def test_the_newest_revisions_come_first(estate: Shop) -> None:
    with estate.store.view() as view:
        head = view.head().number
        assert [r.number for r in timeline.latest(view, None, None, 2)] == [head, head - 1]
        assert [r.number for r in timeline.latest(view, 2, None, 5)] == [2, 1]
        assert [r.number for r in timeline.latest(view, None, 2, 5)] == [1]
        assert timeline.latest(view, 0) == []


def test_a_relation_names_its_other_end(estate: Shop) -> None:
    with estate.store.view() as view:
        found = timeline.of(view, _item(view, estate.id("class:SoftwareInstance name:postgres")))

    told = {(row.what, row.other.name) for entry in found.entries for row in entry.rows if row.other}
    assert ("Exposes", "tcp 0.0.0.0:5432") in told
