"""A sweep under way: each target ends once, results are kept as they come, nothing piles up, and it can be ended."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector import runner
from collector.outcome import FAILED, INTERRUPTED, QUARANTINED, REFUSED, Stopped, TargetOutcome
from collector.runner import Pace, Runner, Standing
from collector.target import Target
from collector.work import Guard, Job, Looked
from tests.collector.looking import Answering, jobs, looked, looking, target

REFUSES = Stopped(REFUSED, "connect", "nothing listens")
FAST = Pace(workers=4, total_seconds=30, grace_seconds=0.2)


class Told:
    """Who hears of the ends of targets."""

    def __init__(self) -> None:
        self.ends: dict[int, TargetOutcome] = {}
        self.groups: list[int] = []

    def __call__(self, ended: Sequence[tuple[int, TargetOutcome]]) -> None:
        assert not self.ends.keys() & {number for number, _ in ended}, "a target ends once"
        self.ends |= dict(ended)
        self.groups.append(len(ended))


def receipt(**more: Any) -> dict[str, Any]:
    return {"ci": "C" * 26, "quarantined": [], "sections": [], **more}


def taking(batches: Sequence[bytes]) -> list[dict[str, Any]]:
    return [receipt() for _ in batches]


def seen(job: Job, guard: Guard) -> Looked:
    return looked(job, batch=f"batch {job.number}".encode())


def test_who_answers_is_looked_at_and_kept_and_who_does_not_is_told_with_the_reason() -> None:
    told, reach = Told(), Answering({"h2": REFUSES})
    standing = Runner(reach, looking(seen), taking, told, FAST).run(jobs(3))

    assert {n: o.outcome for n, o in told.ends.items()} == {1: "done", 2: REFUSED, 3: "done"}
    assert (told.ends[2].reason, told.ends[1].ci) == ("nothing listens", "C" * 26)
    assert standing.counts == {"done": 2, "refused": 1}
    assert reach.closed
    assert all(line.closed for line in reach.lines)


def test_a_target_that_did_not_answer_is_told_with_the_time_that_it_was_waited_for() -> None:
    told = Told()

    def patient(targets: Iterable[Target]) -> Iterator[tuple[Target, Stopped]]:
        for one in list(targets):
            threading.Event().wait(0.05)
            yield one, REFUSES

    Runner(patient, looking(seen), taking, told, FAST).run(jobs(2))

    assert 0.05 <= told.ends[1].seconds <= told.ends[2].seconds


def test_a_conflict_that_a_report_opened_is_told_with_the_target() -> None:
    told = Told()

    def contradicting(batches: Sequence[bytes]) -> list[dict[str, Any]]:
        return [receipt(conflicts=["machine-id matched A, but MACs differ"]) for _ in batches]

    Runner(Answering(), looking(seen), contradicting, told, FAST).run(jobs(1))

    assert told.ends[1].outcome == "done"
    assert told.ends[1].reason == "in conflict: machine-id matched A, but MACs differ"
    assert "conflict list" in told.ends[1].remedy
    assert told.ends[1].conflicts == 1


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(["done", "refused", "raise", "stop", "empty"]), max_size=40), st.integers(1, 8))
def test_each_target_ends_exactly_once_whatever_becomes_of_it(kinds: list[str], workers: int) -> None:
    def act(job: Job, guard: Guard) -> Looked | None:
        kind = kinds[job.number - 1]
        if kind == "raise":
            raise RuntimeError("no")
        if kind == "stop":
            raise Stopped("not_a_host", "command", "a printer")
        return seen(job, guard) if kind == "done" else None

    told = Told()
    reach = Answering({f"h{n}": REFUSES for n, kind in enumerate(kinds, 1) if kind == "refused"})
    standing = Runner(reach, looking(act), taking, told, Pace(workers, 30, 1)).run(jobs(len(kinds)))

    ends = {"done": "done", "empty": "done", "refused": "refused", "raise": "failed", "stop": "not_a_host"}
    assert {n: o.outcome for n, o in told.ends.items()} == {n: ends[kind] for n, kind in enumerate(kinds, 1)}
    assert standing.counts == Counter(ends[kind] for kind in kinds)


def test_the_same_target_named_twice_ends_twice() -> None:
    told = Told()
    Runner(Answering(), looking(seen), taking, told, FAST).run([Job(1, target(1)), Job(2, target(1))])

    assert sorted(told.ends) == [1, 2]


def test_what_waits_for_the_store_is_handed_over_together_and_in_bounds() -> None:
    groups: list[int] = []

    def slow(batches: Sequence[bytes]) -> list[dict[str, Any]]:
        groups.append(len(batches))
        time.sleep(0.02)
        return taking(batches)

    Runner(Answering(), looking(seen), slow, Told(), Pace(32, 30, 1)).run(jobs(200))

    assert sum(groups) == 200
    assert 1 < max(groups) <= runner.GROUP


def test_a_slow_store_holds_the_sweep_back_and_nothing_piles_up() -> None:
    free, looks = threading.Event(), list[int]()

    def stuck(batches: Sequence[bytes]) -> list[dict[str, Any]]:
        assert free.wait(30)
        return taking(batches)

    def act(job: Job, guard: Guard) -> Looked:
        looks.append(job.number)
        return seen(job, guard)

    told = Told()
    sweep = threading.Thread(target=Runner(Answering(), looking(act), stuck, told, FAST).run, args=(jobs(500),))
    sweep.start()
    time.sleep(0.5)
    waiting = len(looks)
    free.set()
    sweep.join(30)

    assert waiting <= runner.WAITING + runner.GROUP + FAST.workers + 1
    assert len(told.ends) == 500


def test_what_the_store_answers_is_part_of_the_end() -> None:
    answers: dict[bytes, Any] = {
        b"batch 1": receipt(quarantined=[{"subject": {}, "reason": "two hosts it could be"}]),
        b"batch 2": receipt(sections=[{"section": "flows", "outcome": "refused"}]),
        b"batch 3": RuntimeError("the disk is full"),
        b"batch 4": receipt(),
    }
    told = Told()
    Runner(Answering(), looking(seen), lambda batches: [answers[b] for b in batches], told, FAST).run(jobs(4))

    assert (told.ends[1].outcome, told.ends[1].reason) == (QUARANTINED, "two hosts it could be")
    assert [told.ends[n].conflicts for n in (1, 2)] == [1, 0]
    assert (told.ends[2].outcome, told.ends[2].sections_failed) == ("partly", ("flows",))
    assert (told.ends[3].outcome, told.ends[3].phase) == (FAILED, "ingest")
    assert "the disk is full" in told.ends[3].reason
    assert told.ends[4].outcome == "done"


def test_it_can_be_ended_what_is_done_is_kept_and_the_rest_is_not_begun() -> None:
    enough, made = threading.Event(), list[Runner]()

    def act(job: Job, guard: Guard) -> Looked:
        if job.number > 10:
            enough.set()
            broken = threading.Event()
            guard.holds(broken.set)
            assert broken.wait(30)
            raise OSError("closed")
        return seen(job, guard)

    def watch(standing: Standing) -> None:
        if enough.is_set():
            made[0].end()

    told, reach = Told(), Answering()
    made.append(Runner(reach, looking(act), taking, told, FAST))
    standing = made[0].run(jobs(1000), watch)

    outcomes = {n: o.outcome for n, o in told.ends.items()}
    assert {n for n, outcome in outcomes.items() if outcome == "done"} == set(range(1, 11))
    assert {outcome for n, outcome in outcomes.items() if n > 10} == {INTERRUPTED}
    assert standing.ended < 30
    assert reach.closed
    assert all(line.closed for line in reach.lines)


def test_a_record_that_can_not_be_written_ends_the_sweep_with_that_error() -> None:
    def tell(ended: Sequence[tuple[int, TargetOutcome]]) -> None:
        raise ValueError("no record")

    with pytest.raises(ValueError, match="no record"):
        Runner(Answering(), looking(seen), taking, tell, FAST).run(jobs(300))


def test_a_search_that_fails_ends_the_sweep_with_that_error() -> None:
    def reach(targets: Any) -> Any:
        yield next(iter(targets)), REFUSES
        raise ValueError("no sockets")

    told = Told()
    with pytest.raises(ValueError, match="no sockets"):
        Runner(reach, looking(seen), taking, told, FAST).run(jobs(3))


def test_who_watches_hears_how_it_stands() -> None:
    heard: list[Standing] = []
    Runner(Answering({"h1": REFUSES}), looking(seen), taking, Told(), FAST).run(jobs(5), heard.append)

    assert (heard[-1].total, heard[-1].ended, heard[-1].busy) == (5, 5, 0)
