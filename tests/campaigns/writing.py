"""A process that takes batches into a store, so that campaigns can have several, and end them at any moment.

    python -m tests.campaigns.writing STORE BATCHES [FROM [PATIENCE [SECONDS]]]

STORE is a path, or the bolt URL of a Neo4j; BATCHES a file with a JSON list of texts. It says "ready", waits for a line, takes
the batches from number FROM on (0), or from that which the line says, in order and prints each receipt once it has it. Where
the store can not take one it says so on standard error and ends with the error's status; with PATIENCE it tries again for that
many seconds, as an agent does. After SECONDS it ends with what it has taken by then.
"""

from __future__ import annotations

import json
import logging
import math
import os
import sys
import time
from pathlib import Path
from typing import Any

from cmdb.model.errors import StoreError
from cmdb.ports import Store
from cmdb.stores.neo4j_store import Neo4jStore
from cmdb.taking import Receipt
from tests.cmdb.building import GENESIS, START, Receiver, open_store

LATER = 10_000_000
"""What the clock of a writer shows, in seconds after START: every batch was seen before."""
PAUSE_SECONDS = 0.2


def open_any(store: str, **parts: Any) -> Store:
    """The store at a path or bolt URL, the same whenever it is made."""
    if store.startswith("bolt:"):
        drawn: dict[str, Any] = {"clock": lambda: START, "randomness": os.urandom, "genesis": GENESIS}
        return Neo4jStore.open(store, **{**drawn, **parts})
    return open_store(Path(store), **parts)


def insisting(act: Any, patience: float) -> Any:
    """What `act` returns, tried again for that many seconds while the store can not."""
    deadline, said = time.monotonic() + patience, ""
    while True:
        try:
            return act()
        except StoreError as error:
            if time.monotonic() > deadline:
                raise
            if error.message != said:
                print(error.message, file=sys.stderr, flush=True)
            said = error.message
            time.sleep(PAUSE_SECONDS)


def main(arguments: list[str]) -> int:
    """Returns the exit status."""
    name, given = arguments[0], json.loads(Path(arguments[1]).read_text())
    start = int(arguments[2]) if len(arguments) > 2 else 0
    patience = float(arguments[3]) if len(arguments) > 3 else 0.0
    logging.getLogger("neo4j").addHandler(logging.NullHandler())  # as api.connect does: our sentences say what matters
    seconds = float(arguments[4]) if len(arguments) > 4 else math.inf
    print("ready", flush=True)
    start = int(sys.stdin.readline().strip() or start)
    until = time.monotonic() + seconds
    try:
        store = insisting(lambda: open_any(name), patience)
        receiver = Receiver(store, f"{os.getpid()} {time.time_ns()}")
        receiver.now = LATER
        for text in given[start:]:

            def take(data: bytes = text.encode()) -> Receipt:
                return receiver.take(data)

            if time.monotonic() > until:
                break
            print(json.dumps(insisting(take, patience)), flush=True)
        store.close()
    except StoreError as error:
        print(error.message, file=sys.stderr)
        return error.status
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
