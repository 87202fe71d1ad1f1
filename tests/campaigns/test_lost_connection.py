"""The connection to Neo4j cut at random moments of a transaction: 12 times in CI, 200 long."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable
from contextlib import closing

import pytest

from cmdb.model.errors import StoreError
from tests.campaigns.length import either
from tests.campaigns.writers import HOSTS, history, naturals, told, whole
from tests.campaigns.writing import LATER, open_any
from tests.cmdb.building import Receiver
from tests.cmdb.stores.lossy_proxy import lossy

pytestmark = pytest.mark.campaign
CUTS = either(12, 200)
MOST_BYTES = 20_000
"""About what goes to and fro for a batch of the history and its commit."""


def landed_or_not(more: int, cuts: int) -> None:
    """The batch that was refused is wholly there or not at all, and a cut is why."""
    assert more in (0, 1)
    assert cuts > 0


def test_a_connection_cut_at_any_byte_loses_and_doubles_nothing(
    cleared_neo4j: str, tell: Callable[[str], None]
) -> None:
    batches = history(range(HOSTS), "agent", turns=CUTS // HOSTS + 1)
    known = naturals(batches)
    seed = secrets.token_hex(8)
    drawn = random.Random(seed)
    refused = unnoticed = 0
    with closing(open_any(cleared_neo4j)) as direct, lossy(cleared_neo4j) as proxy, closing(open_any(proxy.url)) as one:
        receiver = Receiver(one)
        receiver.now = LATER
        heard: list = []
        while proxy.lost < CUTS and len(heard) < len(batches):
            if proxy.cut_after is None:
                proxy.cut_after = drawn.randrange(MOST_BYTES)
            before = proxy.lost
            try:
                heard.append(receiver.take(batches[len(heard)]))
                unnoticed += proxy.lost - before
            except StoreError as error:
                told(error, "start Neo4j there", "send it again")
                refused += 1
                landed_or_not(whole(direct, heard, known) - len(heard), proxy.lost - before)
        proxy.cut_after = None
        heard += [receiver.take(data) for data in batches[len(heard) :]]
        assert whole(direct, heard, known) == len(batches)
        assert proxy.lost >= CUTS // 2
        lost = proxy.lost
    tell(
        f"{lost} cuts: {refused} refused batches, which landed once when sent again, {unnoticed} that were made good "
        f"unasked (seed {seed})"
    )
