"""What a look gets and gives: plain values, and a way to break it off."""

from __future__ import annotations

import pickle

from collector.outcome import INTERRUPTED, TIMED_OUT, Evidence, TargetOutcome
from collector.target import Hop, Target
from collector.work import Guard, Job, Looked


def test_jobs_and_their_ends_travel_as_plain_values() -> None:
    job = Job(7, Target("web", "10.0.0.1", jumps=(Hop("10.0.0.9"),), credentials=("root",)))
    end = Looked(7, TargetOutcome("web", "10.0.0.1", "done", evidence=Evidence("SSH-2.0-x", "k", ("group14",))), b"x\n")

    assert pickle.loads(pickle.dumps((job, end))) == (job, end)


def test_what_was_seen_is_not_in_messages() -> None:
    assert "secret words of a host" not in repr(Looked(1, TargetOutcome("a", "b", "done"), b"secret words of a host"))


def test_breaking_off_closes_all_that_is_open_newest_first_even_where_some_can_not_be_closed() -> None:
    guard, closed = Guard(), list[str]()

    def broken() -> None:
        raise OSError("gone")

    guard.holds(lambda: closed.append("first"))
    guard.holds(broken)
    guard.holds(lambda: closed.append("last"))
    guard.cancel(TIMED_OUT)
    guard.cancel(INTERRUPTED)

    assert (closed, guard.why) == (["last", "first"], TIMED_OUT)


def test_what_is_opened_after_the_end_is_closed_at_once() -> None:
    guard, closed = Guard(), list[str]()
    guard.cancel(INTERRUPTED)
    guard.holds(lambda: closed.append("late"))

    assert closed == ["late"]
