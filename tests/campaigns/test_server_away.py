"""Neo4j away for a while, a minute when long: gone, or holding its connections without an answer."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.campaigns.length import either
from tests.campaigns.own_neo4j import OwnNeo4j
from tests.campaigns.writers import COMMAND, history, kept, naturals, refused, whole, writer
from tests.campaigns.writing import open_any
from tests.servers.neo4j_server import clear

pytestmark = [pytest.mark.campaign, pytest.mark.xdist_group("own neo4j")]
AWAY_SECONDS = either(3.0, 60.0)
PATIENCE_SECONDS = 300.0


def test_while_the_server_is_away_each_command_says_so_and_what_writes_goes_on_once_it_is_back(
    own_server: OwnNeo4j, root: Path, tmp_path: Path, tell: Callable[[str], None]
) -> None:
    batches = history(range(4), "agent", turns=4)
    known, file = naturals(batches), kept(batches, tmp_path / "batches.json")
    clear(own_server.url)
    with writer(own_server.url, file, patience=PATIENCE_SECONDS) as one:
        one.start()
        heard = [one.receipt() for _ in range(3)]
        own_server.kill()
        began = time.monotonic()
        for command in (("ci", "find", "class:Host"), ("agent", "once")):
            arguments = [*COMMAND, "--store", own_server.url, *command]
            refused(subprocess.run(arguments, cwd=root, capture_output=True, text=True), "start Neo4j there")
        threading.Event().wait(AWAY_SECONDS - (time.monotonic() - began))
        own_server.start()
        heard += one.receipts()
    with closing(open_any(own_server.url)) as store:
        assert whole(store, heard, known) == len(batches)
    tell(f"away for {AWAY_SECONDS:.0f} s: two commands ended with status 4 and one sentence, the writer went on")


def test_a_server_that_stops_answering_is_waited_for_or_named_and_the_writer_goes_on(
    own_server: OwnNeo4j, tmp_path: Path, tell: Callable[[str], None]
) -> None:
    batches = history(range(4), "agent", turns=2)
    known, file = naturals(batches), kept(batches, tmp_path / "batches.json")
    clear(own_server.url)
    with writer(own_server.url, file, patience=PATIENCE_SECONDS) as one:
        one.start()
        heard = [one.receipt() for _ in range(3)]
        own_server.stop()
        with pytest.raises(subprocess.TimeoutExpired):
            one.process.wait(AWAY_SECONDS)
        own_server.go_on()
        heard += one.receipts()
        said = one.said()
    with closing(open_any(own_server.url)) as store:
        assert whole(store, heard, known) == len(batches)
    tell(
        f"without an answer for {AWAY_SECONDS:.0f} s, then all landed once; said meanwhile: {said.strip() or 'nothing'}"
    )
