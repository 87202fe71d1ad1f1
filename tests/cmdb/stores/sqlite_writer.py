"""A process of its own that writes to a SQLite store, so that tests can have several, and kill them.

`python -m tests.cmdb.stores.sqlite_writer STORE BATCHES` says "ready", waits for a line, takes the batches of the file
BATCHES (a JSON list of texts) in order and prints each receipt once it has it. Without BATCHES it says "ready", waits for a
line, begins a transaction, puts DOCUMENT, says "writing" and keeps it open until its standard input ends.
"""

from __future__ import annotations

import json
import sys
from contextlib import closing
from pathlib import Path

from tests.cmdb.building import Receiver, open_store

DOCUMENT = "d" * 64
LATER = 10_000
"""What the clock of a writer shows, in seconds after START: every batch of the tests was seen before."""


def main(path: Path, batches: Path | None) -> None:
    given = [text.encode() for text in json.loads(batches.read_text())] if batches else []
    print("ready", flush=True)
    sys.stdin.readline()
    with closing(open_store(path)) as store:
        if batches is None:
            with store.transaction() as tx:
                tx.put_document(DOCUMENT, b"not committed")
                print("writing", flush=True)
                sys.stdin.read()
            return
        receiver = Receiver(store, str(batches))
        receiver.now = LATER
        for data in given:
            print(json.dumps(receiver.take(data)), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
