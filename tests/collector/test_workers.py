"""So many looks at once, each delivered once, none for ever."""

from __future__ import annotations

import threading
import time
from collections import Counter

import pytest

from collector import workers
from collector.outcome import FAILED, INTERRUPTED, REFUSED, TIMED_OUT, Evidence, Stopped
from collector.work import Guard, Job, Looked
from collector.workers import Workers
from tests.collector.looking import Line, jobs, looked, looking


class Ends:
    """What was delivered."""

    def __init__(self) -> None:
        self.found: list[Looked] = []
        self.more = threading.Condition()

    def __call__(self, one: Looked) -> None:
        with self.more:
            self.found.append(one)
            self.more.notify_all()

    def wait(self, count: int, seconds: float = 30) -> list[Looked]:
        with self.more:
            assert self.more.wait_for(lambda: len(self.found) >= count, seconds), self.found
        return self.found


def test_no_more_look_at_once_than_there_are_workers_and_each_ends_once() -> None:
    ends, now, most, lock = Ends(), [0], [0], threading.Lock()

    def act(job: Job, guard: Guard) -> None:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.005)
        with lock:
            now[0] -= 1

    pool = Workers(looking(act), ends, 4, 60)
    for job in jobs(50):
        assert pool.offer(job, None)

    assert Counter(one.number for one in ends.wait(50)) == Counter(range(1, 51))
    assert most[0] <= 4


def test_a_stop_and_an_error_are_the_end_of_one_target_only() -> None:
    def act(job: Job, guard: Guard) -> None:
        if job.number == 1:
            raise Stopped(REFUSED, "connect", "nothing listens", "start it", Evidence("SSH-2.0-x"))
        if job.number == 2:
            raise ValueError("what is that")

    ends = Ends()
    pool = Workers(looking(act), ends, 1, 60)
    for job in jobs(3):
        pool.offer(job, None)
    found = {one.number: one.outcome for one in ends.wait(3)}

    assert (found[1].outcome, found[1].phase, found[1].remedy) == (REFUSED, "connect", "start it")
    assert found[1].evidence.ssh_version == "SSH-2.0-x"
    assert (found[2].outcome, found[2].reason) == (FAILED, "ValueError: what is that")
    assert found[3].outcome == "done"
    assert found[3].seconds > 0


def test_connections_are_closed_whatever_became_of_the_look() -> None:
    def act(job: Job, guard: Guard) -> None:
        if job.number == 2:
            raise ValueError

    ends, lines = Ends(), [Line(), Line(), Line()]
    pool = Workers(looking(act), ends, 3, 60)
    for job, line in zip(jobs(2), lines, strict=False):
        pool.offer(job, line)
    ends.wait(2)
    pool.end()

    assert not pool.offer(jobs(3)[2], lines[2])
    assert [line.closed for line in lines] == [True, True, True]


def test_a_look_over_its_time_is_broken_off_by_closing_what_it_has_open() -> None:
    def act(job: Job, guard: Guard) -> None:
        broken = threading.Event()
        guard.holds(broken.set)
        assert broken.wait(30)
        raise OSError("the connection was closed")

    ends = Ends()
    pool = Workers(looking(act), ends, 1, 0.05)
    pool.offer(jobs(1)[0], None)
    while not ends.found:
        pool.watch()
        time.sleep(0.01)

    assert (ends.found[0].outcome.outcome, ends.found[0].outcome.phase) == (TIMED_OUT, "total")


def test_a_look_that_can_not_be_ended_is_left_behind_and_its_end_not_told_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workers, "CLOSING_SECONDS", 0.05)
    free, ends = threading.Event(), Ends()

    def act(job: Job, guard: Guard) -> None:
        if job.number == 1:
            assert free.wait(30)

    pool = Workers(looking(act), ends, 1, 0.05)
    pool.offer(jobs(1)[0], None)
    while not ends.found:
        pool.watch()
        time.sleep(0.01)
    assert "can not be ended" in ends.found[0].outcome.reason
    free.set()
    until = time.monotonic() + 30
    while pool._left_behind and time.monotonic() < until:
        time.sleep(0.01)
    assert pool.offer(jobs(2)[1], None)

    assert [one.number for one in ends.wait(2)] == [1, 2]


def test_where_all_hang_the_rest_is_not_begun_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "CLOSING_SECONDS", 0.02)
    free, ends = threading.Event(), Ends()

    def act(job: Job, guard: Guard) -> None:
        free.wait(30)

    pool = Workers(looking(act), ends, 2, 0.02)
    for job in jobs(2):
        pool.offer(job, None)
    while len(ends.found) < 2:
        pool.watch()
        time.sleep(0.01)

    assert pool.offer(jobs(3)[2], None)
    free.set()

    assert (ends.found[2].number, ends.found[2].outcome.outcome) == (3, FAILED)
    assert "hang" in ends.found[2].outcome.reason


def test_what_is_under_way_is_interrupted_and_what_it_has_seen_by_then_is_kept() -> None:
    began = threading.Barrier(3)

    def act(job: Job, guard: Guard) -> Looked | None:
        broken = threading.Event()
        guard.holds(broken.set)
        began.wait(30)
        assert broken.wait(30)
        if job.number == 1:
            return looked(job, batch=b"seen")
        raise OSError("closed")

    ends = Ends()
    pool = Workers(looking(act), ends, 2, 60)
    for job in jobs(2):
        pool.offer(job, None)
    began.wait(30)
    pool.end()
    pool.break_off()

    found = {one.number: one for one in ends.wait(2)}
    assert (found[1].outcome.outcome, found[1].batch) == ("done", b"seen")
    assert found[2].outcome.outcome == INTERRUPTED
