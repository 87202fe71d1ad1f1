"""An id that was given once leads somewhere for good, and as of a revision to where it led then."""

from __future__ import annotations

from cmdb import aliases
from cmdb.commit import act
from cmdb.draft import Draft
from cmdb.merging import merge
from cmdb.splitting import split
from cmdb.states import Entry, Retirement
from tests.cmdb.building import Receiver, Reporter, system


def point(cmdb: Receiver, old: str, to: str) -> int:
    """Let an id lead to another CI, as a merge does; returns the revision."""
    with cmdb.store.transaction() as tx:
        draft = Draft(tx)
        draft.entries.append(Entry(aliases.KIND, old, {"ci": to}, 0, b"", b""))
        draft.entries.append(Entry(aliases.MERGE, old, {"folded": {}}, 0, b"", b""))
        here = tx.items([old])
        if old in here:
            draft.retired[old] = (here[old], Retirement("merge", None))
        return act(draft, "merge", "me", "test", lambda: 0, cmdb.random).number


def test_an_id_leads_to_itself_and_after_merges_to_who_is_left(cmdb: Receiver) -> None:
    ids = [str(cmdb.take(Reporter(name).batch(system(name)))["ci"]) for name in ("a", "b", "c")]
    first = point(cmdb, ids[0], ids[1])
    point(cmdb, ids[1], ids[2])

    with cmdb.view() as view:
        assert aliases.resolve(view, ids[0]) == ids[2]
        assert aliases.resolve(view, ids[0], first) == ids[1]
        assert aliases.resolve(view, ids[0], first - 1) == ids[0]
        assert aliases.resolve(view, ids[2]) == ids[2]
        assert aliases.resolved(view, [*ids, "unknown"]) == {ids[0]: ids[2], ids[1]: ids[2]}


def test_an_id_that_nobody_knows_leads_to_itself(cmdb: Receiver) -> None:
    with cmdb.view() as view:
        assert [aliases.resolve(view, i) for i in ("0" * 26, "", "ü")] == ["0" * 26, "", "ü"]


def test_a_circle_ends(cmdb: Receiver) -> None:
    ids = [str(cmdb.take(Reporter(name).batch(system(name)))["ci"]) for name in ("a", "b")]
    point(cmdb, ids[0], ids[1])
    point(cmdb, ids[1], ids[0])

    with cmdb.view() as view:
        assert aliases.resolve(view, ids[0]) in ids


def test_the_sides_of_a_ci_are_all_that_were_merged_and_not_split_again(cmdb: Receiver) -> None:
    a, b, c = (str(cmdb.take(Reporter(name).batch(system(name)))["ci"]) for name in ("a", "b", "c"))
    for survivor, other in ((b, c), (a, b)):
        merge(cmdb.store, survivor, other, "me", "one machine", lambda: 0, cmdb.random)
    with cmdb.view() as view:
        assert aliases.sides(view, a) == {a, b, c}
    split(cmdb.store, b, "me", "two", clock=lambda: 0, randomness=cmdb.random)
    with cmdb.view() as view:
        assert aliases.sides(view, a) == {a}
        assert aliases.sides(view, b) == {b, c}
