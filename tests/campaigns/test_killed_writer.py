"""kill -9 of the writing process at random moments: 20 times in CI, 200 long, on each store."""

from __future__ import annotations

import random
import secrets
import statistics
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest

from tests.campaigns.length import either
from tests.campaigns.writers import HOSTS, history, kept, naturals, whole, writer
from tests.campaigns.writing import LATER, open_any
from tests.cmdb.building import Receiver

pytestmark = pytest.mark.campaign
KILLS_OF_A_STORE = 20
STORES = either(1, 10)
AGAIN = 3
"""Batches that every writer sends again."""


def test_a_writer_killed_at_any_moment_leaves_whole_batches_and_all_that_it_acknowledged(
    empty_store: Callable[[], str], tmp_path: Path, tell: Callable[[str], None]
) -> None:
    batches = history(range(HOSTS), "agent", turns=4 * KILLS_OF_A_STORE // HOSTS)
    known, file = naturals(batches), kept(batches, tmp_path / "batches.json")
    seed = secrets.token_hex(8)
    drawn = random.Random(seed)
    acknowledged = more = 0
    for _ in range(STORES):
        place = empty_store()
        with closing(open_any(place)) as store, ExitStack() as stack:
            there, following = 0, stack.enter_context(writer(place, file))
            for _ in range(KILLS_OF_A_STORE):
                start, one = max(there - AGAIN, 0), following
                one.start(start)
                heard, took = [one.receipt() for _ in range(there - start)], [0.001]
                for _ in range(min(drawn.randrange(3), len(batches) - there)):
                    began = time.perf_counter()
                    heard.append(one.receipt())
                    took.append(time.perf_counter() - began)
                with suppress(subprocess.TimeoutExpired):
                    one.process.wait(drawn.uniform(0, 1.5) * statistics.mean(took))
                one.process.kill()
                heard += one.receipts()
                following = stack.enter_context(writer(place, file))  # loads its modules while the store is looked at
                there = whole(store, heard, known)
                assert there - start - len(heard) <= 1, f"seed {seed}: more than one batch was under way"
                acknowledged += len(heard)
                more += there - start - len(heard)
            receiver = Receiver(store)
            receiver.now = LATER
            assert [receiver.take(data)["revision"] for data in batches] == list(range(1, len(batches) + 1))
            receiver.sound()
            assert receiver.natural() == known[-1]
    tell(
        f"{STORES * KILLS_OF_A_STORE} kills, {acknowledged} batches acknowledged before them and all there, "
        f"{more} more there whole that the kill kept from being acknowledged (seed {seed})"
    )
