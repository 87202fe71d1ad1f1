"""Deadlocks with Cypher written by hand, and transactions that an administrator ends, while Neo4j is written to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any

import pytest
from neo4j import Driver, GraphDatabase, Transaction
from neo4j.exceptions import TransientError

from cmdb.model.errors import StoreError
from tests.campaigns.length import either
from tests.campaigns.writers import HOSTS, history, naturals, told, whole
from tests.campaigns.writing import LATER, open_any
from tests.cmdb.building import Receiver

pytestmark = pytest.mark.campaign
ROUNDS = either(3, 40)
BLOCKED = "SHOW TRANSACTIONS YIELD transactionId, status, metaData WHERE status STARTS WITH 'Blocked' AND metaData.surveymark "
PATIENCE_SECONDS = 30.0


@contextmanager
def by_hand(driver: Driver) -> Iterator[Transaction]:
    """A transaction of somebody else that holds a lock on every scope."""
    with driver.session() as session, session.begin_transaction() as tx:
        tx.run("MATCH (s:Scope) SET s.touched = true REMOVE s.touched").consume()
        yield tx


def goes_on(tx: Transaction) -> bool:
    """Ask for the lock that the writer holds; false where that cost this transaction its life."""
    try:
        tx.run("MATCH (h:Head) SET h.touched = true REMOVE h.touched").consume()
        tx.commit()
    except TransientError as error:
        if "Deadlock" not in str(error.code):
            raise
        return False
    return True


def blocked(driver: Driver) -> str:
    """The transaction of a writer once it waits for a lock."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = driver.execute_query(f"{BLOCKED} IS NOT NULL RETURN transactionId").records
        if found:
            return str(found[0][0])
        threading.Event().wait(0.01)
    raise AssertionError("the writer waits for no lock")


class Meeting:
    """One store and what is written to it in a thread, batch by batch."""

    def __init__(self, url: str, rounds: int) -> None:
        self.batches = history(range(HOSTS), "agent", turns=rounds // HOSTS + 2)
        self.known = naturals(self.batches)
        self.store = open_any(url)
        self.receiver = Receiver(self.store)
        self.receiver.now = LATER
        self.heard: list[dict[str, Any]] = [self.receiver.take(data) for data in self.batches[:HOSTS]]

    def next(self) -> bytes:
        return self.batches[len(self.heard)]

    def outcome(self, taking: Future[dict[str, Any]]) -> bool:
        """Whether the batch landed, at once or once it was sent again after a sentence that says so."""
        error = taking.exception(PATIENCE_SECONDS)
        if error is not None:
            assert isinstance(error, StoreError)
            told(error, "nothing of this was kept: try again")
            assert whole(self.store, self.heard, self.known) == len(self.heard)
        self.heard.append(taking.result() if error is None else self.receiver.take(self.next()))
        assert whole(self.store, self.heard, self.known) == len(self.heard)
        return error is None


def test_a_deadlock_costs_one_of_both_its_transaction_and_no_batch(
    cleared_neo4j: str, tell: Callable[[str], None]
) -> None:
    meeting, landed, ours, theirs = Meeting(cleared_neo4j, ROUNDS), 0, 0, 0
    with (
        closing(meeting.store),
        GraphDatabase.driver(cleared_neo4j) as driver,
        ThreadPoolExecutor(1) as threads,
    ):
        for _ in range(ROUNDS):
            with by_hand(driver) as tx:
                taking = threads.submit(meeting.receiver.take, meeting.next())
                blocked(driver)
                theirs += not goes_on(tx)
            landed += meeting.outcome(taking)
        ours = ROUNDS - landed
    assert ours + theirs == ROUNDS, "each was a deadlock"
    tell(f"{ROUNDS} deadlocks: {ours} ended our transaction, {theirs} the other; every batch there once")


def test_a_transaction_that_an_administrator_ends_can_be_sent_again(
    cleared_neo4j: str, tell: Callable[[str], None]
) -> None:
    meeting = Meeting(cleared_neo4j, ROUNDS)
    with (
        closing(meeting.store),
        GraphDatabase.driver(cleared_neo4j) as driver,
        ThreadPoolExecutor(1) as threads,
    ):
        for _ in range(ROUNDS):
            with by_hand(driver) as tx:
                taking = threads.submit(meeting.receiver.take, meeting.next())
                driver.execute_query("TERMINATE TRANSACTION $id", id=blocked(driver))
                assert taking.exception(PATIENCE_SECONDS) is not None
                tx.rollback()
            assert not meeting.outcome(taking)
    tell(f"{ROUNDS} transactions ended by an administrator; every batch there once")
