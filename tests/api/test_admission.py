"""How many batches are taken at a time, and when those come back that found no place."""

from __future__ import annotations

import threading
from contextlib import ExitStack

import pytest

from api.admission import LONGEST_SECONDS, Admission, Busy
from cmdb.model.times import SECOND


class Clock:
    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now


def refusals(admission: Admission, count: int) -> list[int]:
    found = []
    for _ in range(count):
        with pytest.raises(Busy) as refused, admission.place():
            pass
        found.append(int(refused.value.details["retry_after"]))
    return found


def test_who_finds_no_place_is_told_to_come_one_after_the_other() -> None:
    clock = Clock()
    admission = Admission(clock, at_once=2)
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(admission.place())
        waits = refusals(admission, 1000)
        clock.now += LONGEST_SECONDS * SECOND
        later = refusals(admission, 1)

    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (1, 50)  # a tenth of a second each, two at a time
    assert later == [1]
    with admission.place():
        pass


def test_the_row_moves_as_fast_as_batches_were_taken() -> None:
    clock = Clock()
    admission = Admission(clock, at_once=1)
    for _ in range(50):
        with admission.place():
            clock.now += 4 * SECOND
    with admission.place():
        assert refusals(admission, 3) == [4, 8, 12]


def test_nobody_waits_longer_than_that_and_a_clock_set_back_begins_a_new_row() -> None:
    clock = Clock()
    clock.now = 10_000 * SECOND
    admission = Admission(clock, at_once=1)
    with admission.place():
        assert max(refusals(admission, 7000)) == LONGEST_SECONDS
        clock.now = 0
        assert refusals(admission, 1) == [1]


def test_a_batch_that_fails_gives_its_place_back() -> None:
    admission = Admission(Clock(), at_once=1)

    for _ in range(3):
        with pytest.raises(ValueError, match="broken"), admission.place():
            raise ValueError("broken")


def test_places_are_counted_by_many_threads() -> None:
    admission, inside, most = Admission(Clock(), at_once=3), [0], [0]
    lock, gate = threading.Lock(), threading.Barrier(8)

    def take() -> None:
        gate.wait(10)
        for _ in range(200):
            try:
                with admission.place():
                    with lock:
                        inside[0] += 1
                        most[0] = max(most[0], inside[0])
                    with lock:
                        inside[0] -= 1
            except Busy:
                pass

    threads = [threading.Thread(target=take) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    assert 1 <= most[0] <= 3
