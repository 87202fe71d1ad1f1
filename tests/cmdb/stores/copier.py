"""A process of its own that copies one store into another and kills itself when three quarters are through.

`python -m tests.cmdb.stores.copier STORE TARGET`; TARGET is a path or the URL of a Neo4j.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from cmdb.portable import Record
from cmdb.ports import Store
from cmdb.stores.neo4j_store import Neo4jStore
from cmdb.stores.sqlite_store import SqliteStore


def main(source: Path, target: str) -> None:
    with closing(SqliteStore.open(source)) as one, one.dump() as dump:
        records = list(dump.records)
        other: Store = Neo4jStore.open(target) if "://" in target else SqliteStore.open(target)
        other.load(dump.birth, dump.head, _dying(records))


def _dying(records: list[Record]) -> Iterator[Record]:
    yield from records[: len(records) * 3 // 4]
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
