"""Clocks that are wrong: the server's set back by an hour, a reporter's skewed or in the future, batches late by a day."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from cmdb.model.times import SECOND
from tests.campaigns.length import either
from tests.campaigns.writers import HOSTS, history, naturals
from tests.campaigns.writing import open_any
from tests.cmdb.building import START, Receiver, Reporter, packages, system

pytestmark = pytest.mark.campaign
TURNS = either(3, 12)
HOUR, DAY = 3600, 86400
NOON = 10 * DAY


@pytest.fixture
def receiver(empty_store: Callable[[], str]) -> Iterator[Receiver]:
    with closing(open_any(empty_store())) as store:
        made = Receiver(store)
        made.now = NOON
        yield made
        made.sound()


def test_a_clock_set_back_by_an_hour_puts_no_revision_before_another(
    receiver: Receiver, tell: Callable[[str], None]
) -> None:
    batches = history(range(HOSTS), "agent", turns=TURNS)
    known = naturals(batches)
    seed = secrets.token_hex(8)
    drawn = random.Random(seed)
    back = 0
    for data in batches:
        step = drawn.choice((1, 60, -HOUR, HOUR))
        receiver.now += step
        back += step < 0
        receiver.take(data)

    with receiver.view() as view:
        revisions = view.revisions(0, len(batches))
        times = [r.committed_at for r in revisions]
        assert times == sorted(set(times))
        assert [view.revision_at(time) for time in times] == list(range(1, len(batches) + 1))
        assert [view.revision_at(time - 1) for time in times] == list(range(len(batches)))
    for number in range(0, len(batches) + 1, HOSTS):
        assert receiver.natural(number) == known[number]
    tell(f"{len(batches)} batches, the clock set back {back} times: every revision after the one before (seed {seed})")


def test_a_batch_late_by_a_day_is_acknowledged_and_changes_nothing(receiver: Receiver) -> None:
    reporter = Reporter("web")
    late = reporter.batch(system("web", os="old"), packages("a", "gone"), at=NOON - DAY)
    receiver.take(reporter.batch(system("web", os="new"), packages("a"), at=NOON))
    before = receiver.natural(), receiver.head()

    receipt = receiver.take(late)

    assert receipt["superseded"] == ["os", "packages"]
    assert (receipt["revision"], receiver.natural(), receiver.head()) == (None, *before)
    assert receiver.one("class:Host name:web").attributes["os"] == "new"


def test_what_another_source_saw_a_day_ago_brings_nothing_back(receiver: Receiver) -> None:
    receiver.take(Reporter("web").batch(packages("a", "gone"), at=NOON - 2 * DAY))
    reporter = Reporter("web", sequence=1)
    receiver.take(reporter.batch(packages("a"), at=NOON))
    assert receiver.names("class:SoftwarePackage") == ["a"]

    late = Reporter("web", source="ssh:web", route="ssh")
    receiver.take(late.batch(packages("a", "gone"), at=NOON - DAY))

    assert receiver.names("class:SoftwarePackage") == ["a"]


@pytest.mark.parametrize("skew", [-DAY, -HOUR, 1, HOUR, 400 * DAY])
def test_a_reporters_clock_that_is_wrong_is_told_and_orders_nothing(receiver: Receiver, skew: int) -> None:
    reporter = Reporter("web")
    receiver.take(reporter.batch(system("web", os="one"), packages("a", "b"), at=NOON))
    receiver.now += 60

    receipt = receiver.take(reporter.batch(system("web", os="two"), packages("a"), at=receiver.now + skew))

    assert receipt["clock"]["skew_seconds"] == skew
    assert receipt["clock"]["clamped"] == (skew > 0)
    assert receiver.one("class:Host name:web").attributes["os"] == "two"
    assert receiver.names("class:SoftwarePackage") == ["a"]
    with receiver.view() as view:
        newest = view.revision(receiver.head())
        assert newest is not None
        assert newest.observed_at == START + min(receiver.now + skew, receiver.now) * SECOND
        assert newest.committed_at == START + receiver.now * SECOND
    for scope in receiver.scopes("web").values():
        assert scope.observed_at <= START + receiver.now * SECOND, "what comes next is not older than the future"

    receiver.now += 60
    receiver.take(reporter.batch(system("web", os="three"), packages("a", "c"), at=receiver.now))
    assert receiver.one("class:Host name:web").attributes["os"] == "three"
    assert receiver.names("class:SoftwarePackage") == ["a", "c"]
