"""Promises about records of sweeps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cmdb.ports import Store
from cmdb.states import SweepRecord, SweepStanding, SweepTarget

ONE, OTHER = "a" * 16, "b" * 16


def sweep(id: str = ONE, targets: int = 3, **value: Any) -> SweepRecord:
    return SweepRecord(id, 0, 5, targets, {"state": "running", **value})


def target(number: int, outcome: str = "", sweep: str = ONE) -> SweepTarget:
    return SweepTarget(sweep, number, outcome, {"plan": {"name": f"hôst{number}"}, "nested": [{"x": None}]})


def put(store: Store, *records: SweepRecord, targets: tuple[SweepTarget, ...] = ()) -> None:
    with store.transaction() as tx:
        for record in records:
            tx.put_sweep(record)
        tx.put_sweep_targets(targets)


class SweepRecords:
    """Kept outside the chain, in the order in which they began, each with its targets."""

    def test_sweeps_come_back_newest_first_with_their_numbers(self, store: Store, reopen: Callable[[], Store]) -> None:
        first, second = sweep(ONE, words=["10.0.0.0/24"]), sweep(OTHER, 0)
        put(store, first)
        put(store, second)

        assert (first.number, second.number) == (1, 2)
        for again in (store, reopen()):
            with again.view() as view:
                assert view.sweeps() == [second, first]
                assert view.sweeps(2) == [first]
                assert view.sweeps(None, 1) == [second]
                assert view.sweeps(1) == []
                assert (view.sweep(ONE), view.sweep("c" * 16)) == (first, None)
                assert view.sweep_standing() == SweepStanding(2, 3)

    def test_a_sweep_that_is_written_anew_keeps_its_number(self, store: Store) -> None:
        put(store, sweep(ONE), sweep(OTHER))
        put(store, sweep(ONE, 7, state="done"))

        with store.view() as view:
            assert [(s.id, s.number, s.targets) for s in view.sweeps()] == [(OTHER, 2, 3), (ONE, 1, 7)]
            assert view.sweeps()[1].value == {"state": "done"}

    def test_targets_come_back_in_their_order_page_by_page_and_by_outcome(self, store: Store) -> None:
        every = [target(3), target(1, "done"), target(2, "refused"), target(10, "done")]
        put(store, sweep(targets=10), sweep(OTHER), targets=(*every, target(1, "partly", OTHER)))

        with store.view() as view:
            assert [t.number for t in view.sweep_targets(ONE)] == [1, 2, 3, 10]
            assert view.sweep_targets(ONE, 1, 2) == [every[2], every[0]]
            assert [t.number for t in view.sweep_targets(ONE, outcomes=["done"])] == [1, 10]
            assert [t.number for t in view.sweep_targets(ONE, 1, 5, ["", "done"])] == [3, 10]
            assert view.sweep_targets(ONE, outcomes=[]) == []
            assert view.sweep_counts(ONE) == {"": 1, "done": 2, "refused": 1}
            assert view.sweep_counts("c" * 16) == {}

    def test_targets_can_be_asked_for_by_what_they_tell(self, store: Store) -> None:
        said = target(2, "done")
        said.value["result"] = {"reason": 'say "\u00e4\\', "ci": "C" * 26}
        put(store, sweep(), targets=(target(1, "done"), said, target(3)))

        with store.view() as view:
            asked: list[tuple[list[str], list[int]]] = [
                (['say "\u00e4\\'], [2]),
                (["C" * 26, "h\u00f4st3"], [2, 3]),
                (["h\u00f4st"], [1, 2, 3]),
                (["%", "none"], []),
                ([], []),
            ]
            for texts, numbers in asked:
                assert [t.number for t in view.sweep_targets(ONE, holding=texts)] == numbers
            assert [t.number for t in view.sweep_targets(ONE, 1, 1, ["", "done"], ["h\u00f4st"])] == [2]
            assert view.sweep_targets(OTHER, holding=["h\u00f4st"]) == []

    def test_a_target_is_written_anew_by_its_number(self, store: Store) -> None:
        put(store, sweep(), targets=(target(1), target(2)))
        put(store, targets=(target(1, "done"),))

        with store.transaction() as tx:
            assert [t.outcome for t in tx.sweep_targets(ONE)] == ["done", ""]
            tx.put_sweep_targets([target(2, "failed")])
            assert tx.sweep_counts(ONE) == {"done": 1, "failed": 1}

    def test_a_sweep_is_dropped_with_its_targets_and_no_other(self, store: Store) -> None:
        put(store, sweep(), sweep(OTHER), targets=(target(1), target(1, "done", OTHER)))
        with store.transaction() as tx:
            assert tx.drop_sweep(ONE, 10)
            assert tx.drop_sweep("c" * 16, 10)
            assert tx.sweep_targets(ONE) == []
        with store.view() as view:
            assert [s.id for s in view.sweeps()] == [OTHER]
            assert view.sweep_counts(OTHER) == {"done": 1}
        put(store, sweep("d" * 16))
        with store.view() as view:
            assert [s.number for s in view.sweeps()] == [3, 2]

    def test_a_sweep_of_many_targets_is_dropped_by_and_by(self, store: Store) -> None:
        put(store, sweep(), sweep(OTHER), targets=(*map(target, range(1, 6)), target(1, "", OTHER)))
        left = []
        for last in (False, False, True):
            with store.transaction() as tx:
                assert tx.drop_sweep(ONE, 2) is last
            with store.view() as view:
                left.append((view.sweep(ONE) is not None, len(view.sweep_targets(ONE))))
        assert left == [(True, 3), (True, 1), (False, 0)]
        with store.view() as view:
            assert len(view.sweep_targets(OTHER)) == 1

    def test_sweeps_make_no_revision(self, store: Store) -> None:
        with store.view() as view:
            before = view.head()
        put(store, sweep(), targets=(target(1, "done"),))

        with store.view() as view:
            assert view.head() == before
            assert view.revisions() == []
            assert list(view.derived()) == []
