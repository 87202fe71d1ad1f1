"""kill -9 of the Neo4j server while a process writes: twice in CI, 20 times long."""

from __future__ import annotations

import random
import secrets
import subprocess
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.campaigns.length import either
from tests.campaigns.own_neo4j import OwnNeo4j
from tests.campaigns.writers import HOSTS, history, kept, naturals, whole, writer
from tests.campaigns.writing import open_any
from tests.servers.neo4j_server import clear

pytestmark = [pytest.mark.campaign, pytest.mark.xdist_group("own neo4j")]
KILLS = either(2, 20)
PATIENCE_SECONDS = 180.0


def test_a_server_killed_at_any_moment_keeps_all_that_was_acknowledged_and_the_writer_goes_on(
    own_server: OwnNeo4j, tmp_path: Path, tell: Callable[[str], None]
) -> None:
    batches = history(range(HOSTS), "agent", turns=KILLS)
    known, file = naturals(batches), kept(batches, tmp_path / "batches.json")
    seed = secrets.token_hex(8)
    drawn = random.Random(seed)
    clear(own_server.url)

    with writer(own_server.url, file, patience=PATIENCE_SECONDS) as one:
        one.start()
        heard = []
        for _ in range(KILLS):
            heard += [one.receipt() for _ in range(drawn.randint(1, 4))]
            with suppress(subprocess.TimeoutExpired):
                one.process.wait(drawn.uniform(0, 0.3))  # somewhere within the next batches
            own_server.kill()
            own_server.start()
            with closing(open_any(own_server.url)) as store:
                whole(store, heard, known)
        heard += one.receipts()
        said = one.said().splitlines()

    assert [r["revision"] for r in heard] == list(range(1, len(batches) + 1))
    assert said, "the writer met no error"
    for line in said:
        assert "start Neo4j there" in line or "send it again" in line or "send this again" in line, line
    with closing(open_any(own_server.url)) as store:
        assert whole(store, heard, known) == len(batches)
    tell(f"{KILLS} kills, {len(batches)} batches by one writer that went on by itself, each there once (seed {seed})")
