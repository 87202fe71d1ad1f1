"""A password that several targets in a row refused is left alone."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from collector.suspension import Suspensions


def test_a_password_is_left_alone_after_so_many_targets_in_a_row() -> None:
    sweep = Suspensions()
    for number in range(3):
        assert sweep.enter("a", 3, 0)
        sweep.leave("a", 3, f"t{number}", ok=False)
    assert sweep.suspended("a")
    assert not sweep.enter("a", 3, 60)
    assert sweep.enter("b", 3, 0)
    assert not sweep.suspended("b")
    assert not sweep.suspended("c")


def test_one_target_that_took_it_begins_the_count_anew() -> None:
    sweep = Suspensions()
    for number in range(20):
        assert sweep.enter("a", 3, 0)
        sweep.leave("a", 3, f"t{number}", ok=number % 3 == 2)
    assert not sweep.suspended("a")


def test_one_target_that_refuses_twice_is_one() -> None:
    sweep = Suspensions()
    for _ in range(10):
        assert sweep.enter("a", 2, 0)
        sweep.leave("a", 2, "t", ok=False)
    assert not sweep.suspended("a")


def test_limit_0_is_for_accounts_that_each_host_has_for_itself() -> None:
    sweep = Suspensions()
    for number in range(50):
        assert sweep.enter("a", 0, 0)
        sweep.leave("a", 0, f"t{number}", ok=False)
    assert not sweep.suspended("a")


def test_a_wrong_password_reaches_no_more_targets_than_the_limit_however_many_workers_there_are() -> None:
    sweep = Suspensions()
    reached = []
    together = threading.Barrier(32)

    def work(number: int) -> bool:
        together.wait(30)
        if not sweep.enter("a", 5, 60):
            return False
        reached.append(number)
        sweep.leave("a", 5, f"t{number}", ok=False)
        return True

    with ThreadPoolExecutor(32) as pool:
        entered = list(pool.map(work, range(32)))
    assert len(reached) == sum(entered) == 5


def test_a_right_password_holds_nobody_up() -> None:
    sweep = Suspensions()
    together = threading.Barrier(32)

    def work(number: int) -> bool:
        together.wait(30)
        entered = sweep.enter("a", 2, 60)
        sweep.leave("a", 2, f"t{number}", ok=True)
        return entered

    with ThreadPoolExecutor(32) as pool:
        assert all(pool.map(work, range(32)))


def test_who_waits_too_long_is_sent_away_and_a_try_that_was_none_makes_room() -> None:
    sweep = Suspensions()
    assert sweep.enter("a", 1, 0)
    assert not sweep.enter("a", 1, 0.01)
    sweep.leave("a", 1, "t", ok=None)
    assert sweep.enter("a", 1, 0)
