"""Eight processes that ingest overlapping hosts at once: 30 s in CI, 10 minutes long, on each store.

Two processes share each host's agent, of which both send the same batches; another source tells of it in two more. What they
leave is what one process leaves that takes the same batches one after another.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from cmdb.chain import verify_chain
from tests.campaigns.length import either
from tests.campaigns.writers import HOSTS, history, kept, writer
from tests.campaigns.writing import LATER, open_any
from tests.cmdb.building import ME, Receiver, open_store

pytestmark = pytest.mark.campaign
SECONDS = either(30.0, 600.0)
PROCESSES = 8
PATIENCE_SECONDS = 300.0
GROUP = 16


def given(number: int) -> list[bytes]:
    """What one of the processes sends: of half of the hosts, more than it can in the time."""
    source = "agent" if number % 4 < 2 else "ssh"
    first = (number // 4) * HOSTS // 4 + (number % 2) * HOSTS // 4
    return history([(first + n) % HOSTS for n in range(HOSTS // 2)], source, turns=either(200, 2500))


def test_eight_processes_at_once_leave_what_one_alone_leaves(
    empty_store: Callable[[], str], tmp_path: Path, tell: Callable[[str], None]
) -> None:
    place = empty_store()
    batches = [given(number) for number in range(PROCESSES)]
    with ExitStack() as stack:
        writers = [
            stack.enter_context(
                writer(place, kept(own, tmp_path / f"batches{n}.json"), patience=PATIENCE_SECONDS, seconds=SECONDS)
            )
            for n, own in enumerate(batches)
        ]
        for one in writers:
            one.ready()
        began = time.monotonic()
        for one in writers:
            one.start()
        receipts = [one.receipts() for one in writers]
        took = time.monotonic() - began
        statuses = [one.process.wait() for one in writers]

    assert statuses == [0] * PROCESSES, [one.said() for one in writers]
    sent = [own[: len(found)] for own, found in zip(batches, receipts)]
    made = {r["batch"]: r for found in receipts for r in found if r["revision"]}
    with closing(open_any(place)) as store:
        receiver = Receiver(store)
        assert sorted(r["revision"] for r in made.values()) == list(range(1, receiver.head() + 1))
        with store.transaction() as tx:
            assert list(verify_chain(tx)) == []
            assert all(tx.receipt(batch) == receipt for batch, receipt in made.items())
        assert list(store.check()) == []
        assert receiver.natural() == alone(sent, tmp_path / "alone.db")
    tell(
        f"{sum(map(len, sent))} batches of {PROCESSES} processes in {took:.0f} s, {len(made)} revisions, "
        f"each process at least {min(map(len, sent))}; natural digest equal to one process's"
    )


def alone(sent: Sequence[Sequence[bytes]], path: Path) -> str:
    """Natural digest of a store that one process fills with the same batches, a process's after another's."""
    with closing(open_store(path)) as store:
        receiver = Receiver(store)
        receiver.now = LATER
        for own in sent:
            for start in range(0, len(own), GROUP):
                receiver.ingest.submit_many(own[start : start + GROUP], ME)
        return receiver.natural()
